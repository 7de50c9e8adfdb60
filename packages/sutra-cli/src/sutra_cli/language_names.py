"""What languages are called in English: those that are detected, by their codes of two letters and of three.

It detects nothing, and a code that it does not know it leaves as it is.
"""

from __future__ import annotations

__all__ = ["language_name"]

_NAMES = """
af afr Afrikaans; ak aka Akan; am amh Amharic; ar ara Arabic; az aze Azerbaijani; be bel Belarusian; bn ben
Bengali; bg bul Bulgarian; ca cat Catalan; cs ces Czech; cy cym Welsh; da dan Danish; de deu German; el ell
Greek; en eng English; eo epo Esperanto; es spa Spanish; et est Estonian; fa pes Persian; fi fin Finnish; fr
fra French; gu guj Gujarati; he heb Hebrew; hi hin Hindi; hr hrv Croatian; hu hun Hungarian; hy hye
Armenian; id ind Indonesian; it ita Italian; ja jpn Japanese; jv jav Javanese; ka kat Georgian; km khm
Khmer; kn kan Kannada; ko kor Korean; la lat Latin; lt lit Lithuanian; lv lav Latvian; mk mkd Macedonian; ml
mal Malayalam; mr mar Marathi; my mya Burmese; ne nep Nepali; nl nld Dutch; nb nob Norwegian; or ori Odia;
pa pan Punjabi; pl pol Polish; pt por Portuguese; ro ron Romanian; ru rus Russian; si sin Sinhala; sk slk
Slovak; sl slv Slovenian; sn sna Shona; sr srp Serbian; sv swe Swedish; ta tam Tamil; te tel Telugu; th tha
Thai; tk tuk Turkmen; tl tgl Tagalog; tr tur Turkish; uk ukr Ukrainian; ur urd Urdu; uz uzb Uzbek; vi vie
Vietnamese; yi yid Yiddish; zh cmn Chinese; zu zul Zulu
"""
_BY_CODE = {code: name for entry in _NAMES.split(";") for *codes, name in [entry.split()] for code in codes}


def language_name(tag: str) -> str:
    """A language for people: its name, and its tag (BCP 47) as it was given.

    >>> language_name("de"), language_name("pt-BR"), language_name("tlh")
    ('German (de)', 'Portuguese (pt-BR)', 'tlh')
    """
    primary = tag.replace("_", "-").partition("-")[0].lower()
    return f"{_BY_CODE[primary]} ({tag})" if primary in _BY_CODE else tag
