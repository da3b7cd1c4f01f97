"""Streams depend on their own name and the root seed alone."""

from trialrr.seeds import stream


def test_same_name_same_draws_other_name_other_draws():
    draws = stream(1, "twin", "baseline").random(4).tolist()
    assert stream(1, "twin", "baseline").random(4).tolist() == draws
    for other in ((2, "twin", "baseline"), (1, "twin", "items"), (1, "twinb", "aseline")):
        assert stream(*other).random(4).tolist() != draws


def test_the_first_draw_of_a_stream_never_changes():
    assert int(stream(20250807, "check").integers(0, 10**9)) == FIRST


FIRST = 942580354
