"""Draw temperature, air pressure and rain from the weather log."""

from datetime import datetime

import matplotlib.pyplot as plt

from read_log import read_log

readings = read_log()
times = [datetime.fromisoformat(r["time"]) for r in readings]


def column(name):
    # matplotlib leaves a gap where a value is None
    return [r[name] for r in readings]


figure, panels = plt.subplots(3, 1, sharex=True, figsize=(8, 5))
top, middle, bottom = panels

top.plot(times, column("temperature"), color="firebrick")
top.set_ylabel("°C")

middle.plot(times, column("pressure"), color="steelblue")
middle.set_ylabel("hPa")

# Each rain reading belongs to the three hours before it.
rain = [value or 0 for value in column("rain")]
bottom.bar(times, rain, width=-0.11, align="edge", color="seagreen")
bottom.set_ylabel("mm")

for panel in panels:
    panel.grid(alpha=0.3)

figure.autofmt_xdate()
figure.savefig("march-week.svg", bbox_inches="tight")
