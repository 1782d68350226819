"""Work out the dew point from temperature and relative humidity."""

from math import log

A = 17.62     # no unit
B = 243.12    # degrees Celsius


def dew_point(temperature, humidity):
    """Return the dew point in °C (temperature in °C, humidity in %)."""
    gamma = log(humidity / 100) + A * temperature / (B + temperature)
    return B * gamma / (A - gamma)


if __name__ == "__main__":
    # One dry afternoon, one wet afternoon, one fresh afternoon.
    for temperature, humidity in [(11.2, 47), (12.4, 84), (7.8, 57)]:
        print(f"{temperature:5.1f} °C  {humidity:3d} %  ->  "
              f"{dew_point(temperature, humidity):5.1f} °C")
