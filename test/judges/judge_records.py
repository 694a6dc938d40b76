"""Judges exported records with the formats' own tools: judge_records.py BOM.json CROISSANT.json EVENTS.jsonl DATA_FOLDER."""

import json
import shutil
import sys
import tempfile
from importlib import import_module, metadata
from pathlib import Path


def judge_cyclonedx(path):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator
    from packageurl import PackageURL

    text = Path(path).read_text()
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if error:
        raise ValueError(f"{path}: {error}")
    bom = json.loads(text)
    refs = {bom["metadata"]["component"]["bom-ref"], *(one["bom-ref"] for one in bom["components"])}
    for dependency in bom["dependencies"]:
        unknown = {dependency["ref"], *dependency["dependsOn"]} - refs
        if unknown:
            raise ValueError(f"{path}: dependencies name what is no component: {unknown}")
    purls = [PackageURL.from_string(one["purl"]) for one in bom["components"] if "purl" in one]
    return f"strictly valid against the schema of 1.6; {len(bom['components'])} components, {len(purls)} package URLs"


def judge_croissant(path, folder):
    import mlcroissant

    # File addresses are relative to the document, so it is judged where the data lies.
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "data"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".lockstep", ".git"))
        shutil.copy(path, copy / "croissant.json")
        dataset = mlcroissant.Dataset(jsonld=str(copy / "croissant.json"))
        said = []
        for record_set in dataset.metadata.record_sets:
            row = next(iter(dataset.records(record_set.uuid)))
            missing = [field.uuid for field in record_set.fields if field.uuid not in row]
            if missing:
                raise ValueError(f"{path}: the first row lacks {missing}")
            said.append(f"{record_set.uuid}: {len(row)} fields read from files whose sha256 fit")
        warnings = len(dataset.metadata.ctx.issues.warnings)
    return f"valid, {warnings} warnings; " + "; ".join(said)


# The module in which the client keeps each facet: its class says the schema and the required fields.
FACETS = {
    "version": "dataset_version_dataset.DatasetVersionDatasetFacet",
    "schema": "schema_dataset.SchemaDatasetFacet",
    "parent": "parent_run.ParentRunFacet",
    "jobType": "job_type_job.JobTypeJobFacet",
    "processing_engine": "processing_engine_run.ProcessingEngineRunFacet",
    "errorMessage": "error_message_run.ErrorMessageRunFacet",
    "outputStatistics": "output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet",
}


def judge_facets(facets):
    for name, content in facets.items():
        module, kind = FACETS[name].split(".")
        facet = getattr(import_module(f"openlineage.client.generated.{module}"), kind)
        given = {key: value for key, value in content.items() if not key.startswith("_")}
        made = facet(**given, producer=content["_producer"])
        if made._schemaURL != content["_schemaURL"]:
            raise ValueError(f"{name}: {content['_schemaURL']} should be {made._schemaURL}")


def judge_openlineage(path):
    from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
    from openlineage.client.serde import Serde

    lines = [json.loads(line) for line in Path(path).read_text().splitlines()]
    state = {}
    for line in lines:
        for part in (line["run"], line["job"], *line["inputs"], *line["outputs"]):
            judge_facets(part.get("facets", {}))
        for output in line["outputs"]:
            judge_facets(output.get("outputFacets", {}))
        event = RunEvent(
            eventType=RunState[line["eventType"]],
            eventTime=line["eventTime"],
            run=Run(**line["run"]),
            job=Job(**line["job"]),
            inputs=[InputDataset(**one) for one in line["inputs"]],
            outputs=[OutputDataset(**one) for one in line["outputs"]],
            producer=line["producer"],
        )
        if event.schemaURL != line["schemaURL"]:
            raise ValueError(f"{path}: {line['schemaURL']} should be {event.schemaURL}")
        Serde.to_json(event)
        state.setdefault(line["run"]["runId"], []).append(line["eventType"])
    for run, kinds in state.items():
        if len(kinds) != 2 or kinds[0] != "START" or kinds[1] not in ("COMPLETE", "FAIL", "ABORT"):
            raise ValueError(f"{path}: run {run} goes {kinds}")
    return f"{len(lines)} events of {len(state)} runs, each built by the client's own classes, facet schemas as theirs"


def main():
    bom, croissant, events, folder = sys.argv[1:]
    judged = [
        ("cyclonedx-python-lib", judge_cyclonedx(bom)),
        ("openlineage-python", judge_openlineage(events)),
        ("mlcroissant", judge_croissant(croissant, folder)),
    ]
    for name, sentence in judged:
        print(f"{name} {metadata.version(name)}: {sentence}")


main()
