"""Raw exports of the synthetic twin of RESOLVE, from published aggregates and a seed."""

import argparse
from pathlib import Path

from trialrr import io
from trialrr.resolve import twin
from trialrr.resolve.twin.exports import ORIGIN, PREFIX

DICTIONARY = Path(twin.__file__).parent.with_name("dictionary.csv")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--published", required=True, help="published numbers with roles, CSV")
    parser.add_argument("--seed", required=True, type=int, help="root of all random streams")
    parser.add_argument("--out", required=True, help="to write: folder of the raw files")
    parser.add_argument("--key", required=True, help="to write: key of the planted faults, CSV")
    args = parser.parse_args()

    dictionary = io.read_strings(DICTIONARY)
    files, key = twin.build(io.read_strings(args.published), dictionary, args.seed)
    for file, table in files.items():
        io.write_frame(Path(args.out) / f"{PREFIX}{file}.csv", table)
    described = dictionary.assign(data_origin=ORIGIN)
    io.write_frame(Path(args.out) / f"{PREFIX}data_dictionary.csv", described)
    io.write_frame(args.key, key)
    print(f"{sum(len(t) for t in files.values())} rows in {len(files)} files, {len(key)} faults")


if __name__ == "__main__":
    main()
