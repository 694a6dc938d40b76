"""The checks of checks.json asked of one peer: python peers.py great_expectations|pandera|evidently FOLDER.

Prints one line of JSON: seconds from reading the table to the answer, the checks that were asked (a peer that has no such check is
asked fewer), and whether all of them held.
"""

import json
import resource
import sys
import time


def main() -> None:
    peer, folder = sys.argv[1:]
    with open(f"{folder}/checks.json") as file:
        asked = json.load(file)
    ask = {"great_expectations": great_expectations, "pandera": pandera, "evidently": evidently}[peer]
    version, run = ask(asked)
    start = time.perf_counter()
    held, count = run()
    print(
        json.dumps(
            {
                "peer": peer,
                "version": version,
                "seconds": round(time.perf_counter() - start, 2),
                "checks": count,
                "held": bool(held),
                "peakMB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6),
            }
        )
    )


def read(asked):
    import pandas

    return pandas.read_parquet(asked["table"])


def great_expectations(asked):
    import great_expectations as gx
    import great_expectations.expectations as e

    def expectation(one):
        column, low, high = one.get("column"), one.get("min"), one.get("max")
        match one["check"]:
            case "rows":
                return e.ExpectTableRowCountToBeBetween(min_value=low, max_value=high)
            case "columns":
                return e.ExpectTableColumnsToMatchSet(column_set=one["columns"], exact_match=True)
            case "missing":
                return e.ExpectColumnValuesToNotBeNull(column=column, mostly=1 - high)
            case "finite":
                return e.ExpectColumnValuesToBeBetween(column=column, min_value=-1e300, max_value=1e300)
            case "range":
                return e.ExpectColumnValuesToBeBetween(column=column, min_value=low, max_value=high)
            case "length":
                return e.ExpectColumnValueLengthsToBeBetween(column=column, min_value=low, max_value=high)
            case "pattern":
                return e.ExpectColumnValuesToMatchRegex(column=column, regex=one["pattern"])
            case "values":
                return e.ExpectColumnValuesToBeInSet(column=column, value_set=one["values"])
            case "mean":
                return e.ExpectColumnMeanToBeBetween(column=column, min_value=low, max_value=high)
            case "stdev":
                return e.ExpectColumnStdevToBeBetween(column=column, min_value=low, max_value=high)

    def run():
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        asset = context.data_sources.add_pandas("source").add_dataframe_asset("table")
        batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": read(asked)})
        suite = gx.ExpectationSuite(name="all", expectations=[expectation(one) for one in asked["checks"]])
        result = batch.validate(suite)
        return result.success, len(result.results)

    return gx.__version__, run


def pandera(asked):
    import numpy
    import pandera as package
    import pandera.pandas as pa

    def check(one):
        low, high = one.get("min"), one.get("max")
        match one["check"]:
            case "missing":
                return pa.Check(lambda s: s.isna().mean() <= high, ignore_na=False)
            case "finite":
                return pa.Check(lambda s: numpy.isfinite(s))
            case "range":
                return pa.Check.in_range(low, high)
            case "length":
                return pa.Check.str_length(low, high)
            case "pattern":
                return pa.Check.str_matches(one["pattern"])
            case "values":
                return pa.Check.isin(one["values"])
            case "mean":
                return pa.Check(lambda s: low <= s.mean() <= high)
            case "stdev":
                return pa.Check(lambda s: low <= s.std() <= high)

    def run():
        table = read(asked)
        by_column = {}
        for one in asked["checks"]:
            if "column" in one:
                by_column.setdefault(one["column"], []).append(check(one))
        rows = next(one for one in asked["checks"] if one["check"] == "rows")
        schema = pa.DataFrameSchema(
            {name: pa.Column(checks=checks, nullable=True) for name, checks in by_column.items()},
            checks=pa.Check(lambda frame: rows["min"] <= len(frame) <= rows["max"]),
            strict=True,
        )
        try:
            schema.validate(table, lazy=True)
            held = True
        except pa.errors.SchemaErrors as error:
            print(str(error)[:500], file=sys.stderr)
            held = False
        return held, len(asked["checks"])

    return package.__version__, run


def evidently(asked):
    import evidently as package
    from evidently import Dataset, Report
    from evidently.metrics import InListValueCount, MaxValue, MeanValue, MinValue, MissingValueCount, RowCount, StdValue
    from evidently.tests import eq, gte, lte

    def metrics(one):
        column, low, high = one.get("column"), one.get("min"), one.get("max")
        match one["check"]:
            case "rows":
                return [RowCount(tests=[gte(low), lte(high)])]
            case "missing":
                return [MissingValueCount(column=column, share_tests=[lte(high)])]
            case "range":
                return [MinValue(column=column, tests=[gte(low)]), MaxValue(column=column, tests=[lte(high)])]
            case "values":
                return [InListValueCount(column=column, values=one["values"], share_tests=[eq(1)])]
            case "mean":
                return [MeanValue(column=column, tests=[gte(low), lte(high)])]
            case "stdev":
                return [StdValue(column=column, tests=[gte(low), lte(high)])]
        return []

    def run():
        found = [metrics(one) for one in asked["checks"]]
        report = Report([metric for some in found for metric in some])
        result = report.run(Dataset.from_pandas(read(asked)), None)
        tests = result.dict()["tests"]
        held = all(test["status"] in ("SUCCESS", "TestStatus.SUCCESS") for test in tests)
        return held, sum(1 for some in found if some)

    return package.__version__, run


main()
