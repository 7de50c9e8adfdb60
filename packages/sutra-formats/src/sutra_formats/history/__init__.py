"""What happened to a program: changelogs and logs of git, an entry a source. No repository is looked for."""
