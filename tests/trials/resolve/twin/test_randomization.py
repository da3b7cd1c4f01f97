"""The randomization log is what permuted blocks of 3, 6 and 9 could have made."""

ARMS = ["PT", "HC", "UC"]
SIZES = (3, 6, 9)
STRATUM = ["site", "stratum_sex", "stratum_severity", "stratum_rural"]


def test_every_block_but_the_last_is_complete_and_balanced(files):
    log = files["randomization_log"].astype({"sequence": int, "block": int})
    assert sorted(log["sequence"]) == list(range(1, len(log) + 1))
    for _, stratum in log.sort_values("sequence").groupby(STRATUM):
        blocks = stratum["block"].tolist()
        assert blocks == sorted(blocks)
        assert set(blocks) == set(range(1, max(blocks) + 1))
        for number, block in stratum.groupby("block"):
            counts = block["arm"].value_counts().reindex(ARMS, fill_value=0)
            if number < max(blocks):
                assert len(block) in SIZES
                assert counts.nunique() == 1
            else:
                assert counts.max() <= max(SIZES) // 3


def test_dates_follow_the_sequence_and_lie_in_the_recruitment_period(files):
    log = files["randomization_log"].astype({"sequence": int}).sort_values("sequence")
    assert log["randomized_on"].is_monotonic_increasing
    assert log["randomized_on"].between("2021-01-01", "2023-02-28").all()


def test_the_stratum_is_the_baseline_of_the_person(ingested):
    assert "stratum_disagrees" not in set(ingested.findings["rule"])


def test_block_sizes_vary(files):
    log = files["randomization_log"]
    sizes = log.groupby([*STRATUM, "block"]).size()
    assert set(SIZES) <= set(sizes)
