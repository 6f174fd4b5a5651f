"""A child's own page: each state in words of their age, nobody else's, and asking."""

from __future__ import annotations

import pytest

from guardian.core.errors import ControlError
from tests.fakes import family
from tests.fakes.daemon import FakeDaemon
from tests.fakes.family import ANNA_AT, BEN_AT, BEDTIME, MIA_AT, MORNING, STRANGER_AT
from tests.webui.areas.kid import device, with_state, words
from webui.areas import me
from webui.daemon import Away

STATES = {
    "PROTECTION_OFF": ("allow", "Rules are off until 06:30."),
    "PAUSED": ("refuse", "Internet is paused until 06:30. A parent paused it."),
    "GRANT": ("allow", "You have extra time, until 06:30."),
    "BEDTIME": ("refuse", "It's bedtime until 06:30. Good night!"),
    "OFFLINE": ("refuse", "This is a time without internet, until 06:30."),
    "HOMEWORK": ("limit", "Homework time until 06:30. School sites work."),
    "BUDGET_USED": ("refuse", "You've used your time for today. It starts again at"),
    "CLOCK_UNKNOWN": ("refuse", "The router doesn't know the time yet. It's not your"),
    "DEFAULT": ("allow", "Internet is on until 06:30."),
}


@pytest.mark.parametrize("reason", STATES)
def test_each_state_is_told_in_its_own_sentence(reason: str) -> None:
    verdict, says = STATES[reason]
    daemon = FakeDaemon()
    with_state(daemon, family.decision(verdict, reason, MORNING))
    shown = device(daemon).get("/me")
    assert shown.status_code == 200
    assert says in words(shown)
    assert ("11 h left" in words(shown)) == (verdict == "allow")
    assert ("11 h to go" in words(shown)) == (verdict != "allow")


@pytest.mark.parametrize(
    ("address", "says", "pictures"),
    [(MIA_AT, "It's bedtime until 06:30. Good night!", 0), (BEN_AT, "Good night!", 1)],
)
def test_the_youngest_read_little_and_see_a_picture(
    address: str, says: str, pictures: int
) -> None:
    daemon = FakeDaemon()
    with_state(daemon, family.ASLEEP)
    shown = device(daemon, address).get("/me")
    assert says in words(shown)
    assert shown.text.count('class="picture"') == pictures


def test_the_eldest_read_the_whole_rule() -> None:
    daemon = FakeDaemon()
    with_state(daemon, family.PAUSED, band="13-15")
    said = words(device(daemon).get("/me"))
    assert "Paused until 06:30 by a parent." in said and "You can disagree" in said
    assert "Children of this age need nine to twelve hours of sleep." in said


def test_each_device_shows_its_own_child_and_no_other() -> None:
    daemon = FakeDaemon()
    mia = device(daemon, MIA_AT).get("/me").text
    ben = device(daemon, BEN_AT).get("/me").text
    assert "Hello Mia!" in mia and "Ben" not in mia
    assert "Hello Ben!" in ben and "Mia" not in ben and "homework video" not in ben


def test_what_comes_next_and_the_coming_day() -> None:
    shown = device(FakeDaemon()).get("/me")
    assert "1 h 30 min left Bedtime starts at 21:00." in words(shown)
    assert shown.text.count('<rect class="fill-o') == 3
    assert "21:00 06:30 Bedtime 06:30" in words(shown)
    assert "style=" not in shown.text


def test_rules_in_words_with_their_days() -> None:
    said = words(device(FakeDaemon()).get("/me"))
    assert "Nights before school: 21:00 to 06:30" in said
    assert "Nights before a holiday, Nights before a weekend day: 22:00 to" in said
    assert "School days: 14:00 to 17:00 games, video" in said
    assert "Off for you Gambling" in said
    assert "Search leaves out pages for adults." in said


def test_who_sees_what_is_told() -> None:
    said = words(device(FakeDaemon()).get("/me"))
    assert "Nobody sees which sites you open. It isn't written down." in said
    assert "Your parents see your rules and can change them." in said
    assert "you see their answers. It is kept for 7 days." in said


def test_whoever_is_observed_is_told_on_top_of_the_page() -> None:
    daemon = FakeDaemon()
    more = [{"who": "parents", "what": "activity", "kept": 0}]
    with_state(daemon, family.ON, sees=more)
    said = words(device(daemon).get("/me"))
    told = "Your parents can see something else of this device. Ask them what."
    assert said.count(told) == 2 and said.index(told) < said.index("Internet is on")


def test_names_that_a_parent_turned_on_and_off() -> None:
    daemon = FakeDaemon()
    rules = family.me({"address": MIA_AT})["rules"]
    opened = [{"name": "a.example", "until": BEDTIME}]
    rules = {**rules, "block": ["b.example"], "opened": opened}
    with_state(daemon, family.ON, rules=rules)
    said = words(device(daemon).get("/me"))
    assert "A parent turned off: b.example" in said
    assert "A parent turned on: wikipedia.org" in said
    assert "a.example is open until 21:00." in said


def test_the_last_refusals_with_their_reason_lead_to_their_page() -> None:
    shown = device(FakeDaemon()).get("/me")
    assert "pokerstars.com Off by the rules for your age. 10 min ago" in words(shown)
    assert 'href="/blocked?site=pokerstars.com"' in shown.text


def test_own_requests_and_answers_with_the_parents_words() -> None:
    said = words(device(FakeDaemon()).get("/me"))
    assert "30 min homework video 4 min ago Sent. You'll see the answer here." in said
    assert "Yes! scratch.mit.edu works for you. Have fun! (Tom)" in said


def test_asking_for_time_is_sent_for_this_device_and_shown() -> None:
    daemon = FakeDaemon()
    daemon.accepts["ask"] = {"id": "r2"}
    browser = device(daemon)
    sent = browser.post(
        "/me", {"kind": "time", "minutes": "15", "text": " one  more level "}
    )
    assert (sent.status_code, sent.location) == (303, "/me")
    assert daemon.changed == [
        (
            "ask",
            "mia",
            {
                "address": MIA_AT,
                "kind": "time",
                "minutes": 15,
                "text": "one more level",
            },
        )
    ]
    assert "Sent. You'll see the answer here." in words(browser.get("/me"))


def test_asking_for_a_site_takes_what_was_pasted() -> None:
    daemon = FakeDaemon()
    daemon.accepts["ask"] = {"id": "r2"}
    asked = {"kind": "site", "site": "https://www.Scratch.mit.edu/projects/?id=1"}
    assert device(daemon).post("/me", asked).status_code == 303
    assert daemon.changed[0][2]["site"] == "www.scratch.mit.edu"


@pytest.mark.parametrize(
    ("fields", "says", "field"),
    [
        ({"kind": "time", "minutes": "600"}, "Choose how much time", "minutes"),
        ({"kind": "time"}, "Choose how much time you ask for.", "minutes"),
        (
            {"kind": "time", "minutes": "15", "text": "x" * 81},
            "That's too long. Use 80 characters at most.",
            "text",
        ),
        ({"kind": "site", "site": "no site!"}, "That's no name of a site.", "site"),
        (
            {"kind": "site", "site": "example.org", "text": "y" * 81},
            "That's too long. Use 80",
            "site-text",
        ),
    ],
)
def test_a_mistake_is_told_at_its_field_and_keeps_the_input(
    fields: dict[str, str], says: str, field: str
) -> None:
    daemon = FakeDaemon()
    shown = device(daemon).post("/me", fields)
    assert shown.status_code == 422 and daemon.changed == []
    assert words(shown).startswith(f"There is a problem {says}")
    assert f'<a href="#{field}">' in shown.text and f'id="{field}"' in shown.text
    for value in (fields.get("site", ""), fields.get("text", "")):
        assert f'value="{value}"' in shown.text


@pytest.mark.parametrize(
    ("code", "detail", "says"),
    [
        ("ask-too-often", "40", "One moment: you can ask again in 1 min."),
        ("ask-too-often", "", "Your requests wait for an answer."),
        ("not-a-child", "", "This device isn't set up for a child. Ask a parent."),
        ("no-answer", "", "The router doesn't answer, so nothing was sent."),
        ("not-known-yet", "", "That didn't work and nothing was sent."),
    ],
)
def test_a_refusal_says_what_happened_and_what_to_do(
    code: str, detail: str, says: str
) -> None:
    daemon = FakeDaemon()
    daemon.refuses["ask"] = ControlError(code, detail)
    shown = device(daemon).post("/me", {"kind": "time", "minutes": "30"})
    assert shown.status_code == 422 and says in words(shown)


def test_a_device_nobody_has_assigned() -> None:
    said = words(device(FakeDaemon(), STRANGER_AT).get("/me"))
    assert "This device isn't set up for anyone yet. Ask a parent." in said
    assert "Ask for time" not in said and "116 111" in said


def test_a_device_that_was_taken_away_meanwhile_sends_nothing() -> None:
    daemon = FakeDaemon()
    browser = device(daemon)
    page = browser.get("/me")
    daemon.answers["me"] = family.me({"address": STRANGER_AT})
    told = browser.post("/me", {"kind": "time", "minutes": "15"}, page)
    assert "isn't set up for anyone yet" in words(told) and daemon.changed == []


def test_an_adults_device_and_one_that_nobody_can_tell() -> None:
    adult = words(device(FakeDaemon(), ANNA_AT).get("/me"))
    assert "This device has no limits. Nothing it does is written down." in adult
    stranger = words(device(FakeDaemon(), "203.0.113.9").get("/me"))
    assert "The router can't tell which device this is." in stranger
    assert "Anna" not in adult and "Emergency number 112" in adult and "112" in stranger


def test_with_the_daemon_away_help_stays_and_no_child_is_shown() -> None:
    daemon = FakeDaemon()
    daemon.away = Away(1.0)
    shown = device(daemon).get("/me")
    said = words(shown)
    assert shown.status_code == 503
    assert "Internet isn't working for anyone right now. It's not your limit." in said
    assert "Last known at 19:30." in said and "116 111" in said
    assert "Mia" not in shown.text and "pokerstars" not in shown.text


def test_what_works_until_the_leases_end_is_told_meanwhile() -> None:
    daemon = FakeDaemon()
    daemon.away = Away(1.0)
    with_state(daemon, family.ON, daemon={"known_until": "2099-01-01T20:30:00+01:00"})
    said = words(device(daemon).get("/me"))
    assert "What works now works until 20:30. Tell a parent." in said


def test_a_daemon_that_was_never_there_leaves_the_files_own_help_lines() -> None:
    daemon = FakeDaemon()
    browser = device(daemon)
    page = browser.get("/me")
    for verb in ("me", "overview", "ask"):
        daemon.refuses[verb] = ControlError("not-running")
    for path, status in (("/me", 503), ("/me/help", 200)):
        shown = browser.get(path)
        assert shown.status_code == status
        assert "INHOPE" in shown.text and "116 000" in shown.text
        assert "Nummer gegen Kummer" in shown.text and "Childline" in shown.text
    sent = browser.post("/me", {"kind": "time", "minutes": "15"}, page)
    assert sent.status_code == 503 and daemon.changed == []


def test_help_lines_are_on_every_page_and_the_page_of_help_can_be_left() -> None:
    browser = device(FakeDaemon())
    assert 'href="tel:116111"' in browser.get("/me").text
    page = browser.get("/me/help")
    assert 'href="/me/away"' in page.text and "data-leave" in page.text
    away = browser.get("/me/away").text
    assert "help" not in away.lower() and "Guardian" not in words_of(away)


def words_of(text: str) -> str:
    return text[text.index("<main") : text.index("</main>")]


def test_what_is_wrong_for_everybody_is_nobodys_limit() -> None:
    daemon = FakeDaemon()
    broken = {"code": "resolver-unknown", "detail": "", "severity": "bad"}
    daemon.answers["overview"] = {**family.OVERVIEW, "health": [broken]}
    assert "It's not your limit." in words(device(daemon).get("/me"))
    daemon.answers["overview"] = {**family.OVERVIEW, "failsafe": True}
    assert "basic rules today" in words(device(daemon).get("/me"))


def test_protection_off_is_told_once() -> None:
    daemon = FakeDaemon()
    with_state(daemon, family.ON, protection={"off_until": BEDTIME, "by": "anna"})
    assert words(device(daemon).get("/me")).count("Rules are off until 21:00.") == 1
    off = family.decision("allow", "PROTECTION_OFF", BEDTIME)
    with_state(daemon, off, protection={"off_until": BEDTIME, "by": "anna"})
    assert words(device(daemon).get("/me")).count("Rules are off until 21:00.") == 1


def test_how_this_works_begins_with_the_readers_own_age() -> None:
    assert 'id="level-1"' in device(FakeDaemon(), MIA_AT).get("/me/how").text
    assert 'id="level-0"' in device(FakeDaemon(), BEN_AT).get("/me/how").text
    assert 'id="level-2"' in device(FakeDaemon()).get("/me/how?for=2").text
    assert 'id="level-1"' in device(FakeDaemon()).get("/me/how?for=<b>").text


# Words a sentence, and letters a word, at most on average.
@pytest.mark.parametrize(
    ("level", "most", "letters"), [(0, 6, 4.5), (1, 14, 5), (2, 20, 5)]
)
def test_how_this_works_can_be_read_at_its_age(
    level: int, most: float, letters: float
) -> None:
    page = device(FakeDaemon()).get(f"/me/how?for={level}").text
    card = page[page.index('<section class="card how"') : page.index("</section>")]
    text = " ".join(part.partition("</p>")[0] for part in card.split("<p>")[1:])
    sentences = [s for s in text.replace("!", ".").replace("?", ".").split(".") if s]
    said = text.split()
    assert len(said) / len(sentences) <= most
    assert sum(len(word.strip(".,:;!?")) for word in said) / len(said) <= letters


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("example.org", "example.org"),
        (" http://example.org:80/a?b ", "example.org"),
        ("https://user@example.org", "example.org"),
        ("", ""),
    ],
)
def test_the_host_of_what_was_pasted(text: str, host: str) -> None:
    assert me.site_of(text) == host


def test_what_somebody_types_is_shown_as_text() -> None:
    sent = {"kind": "site", "site": '"><script>x', "text": "<b>"}
    shown = device(FakeDaemon()).post("/me", sent).text
    assert "<script>x" not in shown and "<b>" not in shown
    assert "&lt;script&gt;x" in shown
