"""deploy/grafana and deploy/prometheus against a running system, asked through a real Prometheus."""
import json
import os
import re
import subprocess
import urllib.parse

import yaml

import stack
from harness import Failure, HttpClient, check, free_port, until

DEPLOY = os.path.join(stack.ROOT, "deploy")
METRIC = r"\b(?:leggio|process|haproxy)_[a-z_]+\b"
JOBS = {"leggio-renderer": "renderer", "leggio-http": "gateway-http", "leggio-ws": "gateway-ws", "leggio-relay": "relay",
        "leggio-balancer": "balancer"}


def expressions():
    """(where, PromQL) of the dashboard and the alerts."""
    with open(os.path.join(DEPLOY, "grafana", "leggio.json"), encoding="utf-8") as file:
        panels = json.load(file)["panels"]
    with open(os.path.join(DEPLOY, "prometheus", "alerts.yaml"), encoding="utf-8") as file:
        rules = [rule for group in yaml.safe_load(file)["groups"] for rule in group["rules"]]
    found = [(panel["title"], target["expr"]) for panel in panels for target in panel.get("targets", ())]
    return found + [(rule["alert"], rule["expr"]) for rule in rules]


class Prometheus:
    """Use with `with`: asks the containers of a stack, by the jobs of deploy/prometheus/scrape.yaml."""

    def __init__(self, it, folder):
        with open(os.path.join(DEPLOY, "prometheus", "scrape.yaml"), encoding="utf-8") as file:
            config = yaml.safe_load(file)
        check({job["job_name"] for job in config["scrape_configs"]} == set(JOBS), "the jobs of scrape.yaml")
        config["global"]["scrape_interval"] = "1s"
        config["rule_files"] = [os.path.join(DEPLOY, "prometheus", "alerts.yaml")]
        self.n_targets = 0
        for job in config["scrape_configs"]:
            service = JOBS[job["job_name"]]
            check(job.pop("dns_sd_configs")[0]["port"] == stack.ADMIN_PORTS[service], "port of", job)
            targets = [f"{host}:{stack.ADMIN_PORTS[service]}" for host in it.addresses(service)]
            job["static_configs"] = [{"targets": targets}]
            self.n_targets += len(targets)
        path = os.path.join(folder, "prometheus.yml")
        with open(path, "w", encoding="utf-8") as file:
            yaml.safe_dump(config, file)
        port = free_port()
        self.client = HttpClient(port)
        self.log = open(os.path.join(folder, "prometheus.log"), "w", encoding="utf-8")
        self.process = subprocess.Popen(["prometheus", f"--config.file={path}", f"--storage.tsdb.path={folder}/tsdb",
                                         f"--web.listen-address=127.0.0.1:{port}"], stdout=self.log, stderr=self.log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.log.close()

    def ask(self, expression):
        answer = self.client.get("/api/v1/query?query=" + urllib.parse.quote(expression))
        check(answer.status == 200, expression, answer)
        return answer.json()["data"]["result"]

    def is_up(self):
        """Has every container been read?"""
        try:
            up = self.ask("sum(up)")
        except (OSError, Failure):
            return False  # it starts
        return up and float(up[0]["value"][1]) == self.n_targets


def all_expressions_hold(it, folder):
    """Every expression is good PromQL, every metric that it names is there, and no alert fires."""
    with Prometheus(it, folder) as prometheus:
        until(prometheus.is_up, "every container read by Prometheus")
        names = {name for _, expression in expressions() for name in re.findall(METRIC, expression)}
        missing = sorted(name for name in names if not prometheus.ask(f"count({name})"))
        check(not missing, "metrics that nobody prints:", missing)
        for where, expression in expressions():
            try:
                prometheus.ask(expression)
            except Failure as failure:
                raise Failure(f"{where}: {failure}") from None
        firing = [one["metric"]["alertname"] for one in prometheus.ask('ALERTS{alertstate="firing"}')]
        check(not firing, "alerts of a healthy system:", firing)
    return f"{len(expressions())} expressions, {len(names)} metrics"
