"""`split_articles --project SLUG`: cuts the articles that wait into claims, in this process."""

from __future__ import annotations

from typing import Any

from claims import jobs
from claims.management.acting import ActingCommand, actor, do_now
from claims.models import Article
from claims.permissions import check_can

BATCH = 200


class Command(ActingCommand):
    help = "Cut imported articles into claims here, without a worker. Articles that are split already stay as they are."
    example = "split_articles --project harbour"

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        project, by = actor(options)
        check_can("import", by, project)
        waiting = Article.objects.in_project(project).filter(state="imported").order_by("id")
        ids = list(waiting.values_list("pk", flat=True))
        counts = {"split": 0, "claims": 0, "failed": 0}
        for at in range(0, len(ids), BATCH):
            job = do_now(jobs.enqueue("split_article", project=project, by=by, args={"articles": ids[at : at + BATCH]}))
            counts = {name: n + job.counts.get(name, 0) for name, n in counts.items()}
        sentence = f"{counts['claims']:,} claims in {counts['split']:,} articles; {counts['failed']:,} not split."
        if not ids:
            n = Article.objects.in_project(project).count()
            standing = f"All {n:,} are split already." if n else "Import some with import_articles."
            sentence = f"No article waits to be split. {standing}"
        return {**counts, "is_whole": not counts["failed"], "sentence": sentence}
