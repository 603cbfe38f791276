"""Runs the containers of samples/cluster/kubernetes.yaml here, as Kubernetes would start them: all indices, then the merge.

    kubernetes_job.py MANIFEST OUT [FLAG]...

The environment is the ConfigMap's and nothing else; STYLES, NAME and SEED are taken from our own environment, OUT and the flags of
`riffsmith pack` from the command line. The number of parts is the manifest's.
"""

import os
import re
import subprocess
import sys

import yaml


def expanded(argument, environment):
    """As Kubernetes does in commands: $(NAME) becomes its value, if there is one, and $$ one $."""
    value = lambda found: "$" if found[0] == "$$" else environment.get(found[1], found[0])
    return re.sub(r"\$\$|\$\(([^)]*)\)", value, argument)


def run(job, environment, flags):
    """Runs the one container of a Job in a shell with nothing but `environment`."""
    (container,) = job["spec"]["template"]["spec"]["containers"]
    command = [expanded(argument, environment) for argument in container["command"]]
    subprocess.run(command + flags, env=environment, check=True, stdout=sys.stderr)


manifest, out, *flags = sys.argv[1:]
with open(manifest, encoding="utf-8") as file:
    objects = {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(file)}
parts, merge = objects["Job", "riffsmith-parts"], objects["Job", "riffsmith-merge"]
configuration = objects["ConfigMap", "riffsmith-pack"]["data"]

completions = parts["spec"]["completions"]
assert parts["spec"]["completionMode"] == "Indexed"
assert merge["spec"]["suspend"] is True
assert str(completions) == configuration["SHARDS"], f"completions are {completions}, SHARDS {configuration['SHARDS']}"
for job in (parts, merge):
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    # What Kubernetes refuses to start, though the schema allows it.
    sources = [source["configMapRef"]["name"] for source in container["envFrom"]]
    assert sources == ["riffsmith-pack"], sources
    (volume,) = pod["volumes"]
    assert ("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]) in objects
    (mount,) = container["volumeMounts"]
    assert mount["name"] == volume["name"]
    assert configuration["OUT"].startswith(mount["mountPath"] + "/"), configuration["OUT"]

environment = configuration | {name: os.environ[name] for name in ("STYLES", "NAME", "SEED", "PATH")} | {"OUT": out}
for index in range(completions):
    run(parts, environment | {"JOB_COMPLETION_INDEX": str(index)}, flags)
run(merge, environment, [])
