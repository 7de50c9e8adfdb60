"""Is the service well? Measures it, remembers, and tells when a figure is out of bounds.

    python production_monitor.py
    python production_monitor.py --continuous --interval 15     # minutes

The same as `sutra monitor`; `--help` tells of every option. Ends with the exit code of a Nagios plug-in:
0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.
"""

from sutra_monitor.command import app, step_back

if __name__ == "__main__":
    step_back()
    app(prog_name="production_monitor.py")
