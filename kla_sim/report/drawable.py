"""Every shape of a figure that there is: `drawing.draw` knows how to draw each.

Not here: the shapes themselves, each beside its likes, and what they have in common (`charts`).
"""

from __future__ import annotations

from kla_sim.report.bar_charts import Bars, Columns
from kla_sim.report.choice_charts import Front, LeverCurve, LeverMap, Tornado, TradeOffs
from kla_sim.report.line_charts import Steps, Trend
from kla_sim.report.range_charts import Dots, Ranges
from kla_sim.report.schedule_charts import Fans, Gantt, Timeline
from kla_sim.report.score_charts import Growth, Histograms, Reliability
from kla_sim.report.tile_charts import Tiles
from kla_sim.report.time_charts import Arrivals, Cloud

Drawable = (
    Steps | Trend
    | Bars | Columns
    | Ranges | Dots
    | Tiles
    | Arrivals | Cloud
    | Gantt | Timeline | Fans
    | LeverCurve | LeverMap | Front | TradeOffs | Tornado
    | Reliability | Histograms | Growth
)  # fmt: skip
