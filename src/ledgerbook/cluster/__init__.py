"""Beyond one machine: the files of a run read by the workers of a Dask cluster.

The only room that knows dask, distributed and fsspec, which are installed on demand:
``pip install .[cluster]``.

    client    here: hands the files out, takes what they gave, puts it in order
    station   on a cluster's worker: lays the files down for its outpost
    outpost   beside that worker: the guarded processes of ``receiving.workers``
"""

from ledgerbook.cluster.client import read_files
from ledgerbook.cluster.urls import find_urls

__all__ = ["find_urls", "read_files"]
