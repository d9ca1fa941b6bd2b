/** Draws the overview's plots, each from the table behind it: what is seen is what stands there. */

import type uPlot from "uplot";

/** Loaded by the page, as its makers have built it. */
const Plot = () => (window as unknown as { uPlot: typeof uPlot }).uPlot;

interface Table {
  names: string[];
  days: (number | null)[];
  series: { title: string; inPercent: boolean; values: (number | null)[] }[];
}

export interface Drawn extends HTMLElement {
  plot?: uPlot;
}

/** In pixels: of a plot, and of the bars of one name. */
const HEIGHT = 240;
const BAR = 34;

function read(body: HTMLElement): Table {
  const table = body.closest("table")!;
  const heads = [...table.querySelectorAll<HTMLElement>("thead th")];
  const rows = [...body.querySelectorAll("tr")].map((row) => [...row.querySelectorAll<HTMLElement>("th, td")]);
  const names = rows.map((cells) => cells[0]!.innerText.trim() || cells[0]!.textContent!.trim());
  const value = (cell: HTMLElement) => (cell.dataset["value"] ? Number(cell.dataset["value"]) : null);
  return {
    names,
    days: names.map((name) => Date.parse(`${name}T00:00:00Z`) / 1000),
    series: heads.flatMap((head, at) =>
      "drawn" in head.dataset
        ? [
            {
              title: head.innerText.trim(),
              inPercent: "inPercent" in head.dataset,
              values: rows.map((cells) => value(cells[at]!)),
            },
          ]
        : [],
    ),
  };
}

/** The first series is filled, the second an outline: nobody has to tell them by their colours. */
function styles(element: HTMLElement) {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: style.color,
    grid: of("--pico-muted-border-color"),
    drawn: [of("--plot-now"), of("--plot-before")],
    font: `12px ${style.fontFamily}`,
  };
}

/** What lies between the lines of a grid: no halves of what is counted, no odd percentages. */
const STEPS = [1, 2, 5].flatMap((step) => [...Array(8).keys()].map((power) => step * 10 ** power)).sort((a, b) => a - b);
const STEPS_IN_PERCENT = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

const day = (seconds: number) =>
  new Date(seconds * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** A name cut to a width. */
function cut(context: CanvasRenderingContext2D, name: string, width: number): string {
  if (context.measureText(name).width <= width) return name;
  let end = name.length;
  while (end > 1 && context.measureText(`${name.slice(0, end)}…`).width > width) end -= 1;
  return `${name.slice(0, end).trimEnd()}…`;
}

function options(kind: string, table: Table, element: HTMLElement): uPlot.Options {
  const { text, grid, drawn, font } = styles(element);
  const isLine = kind === "line";
  const isDown = kind === "bars";
  const count = table.names.length;
  const width = element.clientWidth;
  const inPercent = table.series.some((one) => one.inPercent);
  const amount = (value: number) =>
    inPercent ? `${Math.round(value * 100)}%` : value.toLocaleString("en-GB", { notation: "compact" });
  const wholes = { splits: () => table.names.map((_, at) => at), gap: 6 };
  const named = Math.min(230, width * 0.42);
  const several = table.series.length > 1;
  const common = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
  const names: uPlot.Axis = {
    ...common,
    ...wholes,
    grid: { show: false },
    ...(isDown
      ? {
          side: 3,
          size: named,
          values: (self: uPlot) => {
            self.ctx.font = `${12 * devicePixelRatio}px ${getComputedStyle(element).fontFamily}`;
            return table.names.map((name) => cut(self.ctx, name, (named - 10) * devicePixelRatio));
          },
        }
      : {
          rotate: count > 4 ? 60 : 0,
          size: count > 4 ? 80 : 40,
          values: () => table.names.map((name, at) => (count > 12 && at % 2 ? "" : name)),
        }),
  };
  const bars = (at: number) =>
    Plot().paths.bars!({ size: [several ? 0.38 : 0.7, 60], align: several ? (at ? 1 : -1) : 0 });
  return {
    width,
    height: isDown ? count * BAR + 50 : HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    tzDate: (seconds) => Plot().tzDate(new Date(seconds * 1000), "Etc/UTC"),
    scales: {
      x: isLine ? { time: true } : { time: false, range: [-0.5, count - 0.5], ...(isDown ? { ori: 1, dir: -1 } : {}) },
      y: { range: (_, __, most) => [0, most > 0 ? most * 1.05 : 1], ...(isDown ? { ori: 0, dir: 1 } : {}) },
    },
    axes: [
      isLine ? { ...common, space: 60, values: (_, splits) => splits.map(day) } : names,
      {
        ...common,
        incrs: inPercent ? STEPS_IN_PERCENT : STEPS,
        values: (_, splits) => splits.map(amount),
        ...(isDown ? { side: 2, size: 30 } : { size: 50 }),
      },
    ],
    series: [
      {},
      ...table.series.map((one, at): uPlot.Series => {
        const color = drawn[at] ?? text;
        return {
          label: one.title,
          stroke: color,
          width: 2,
          points: { show: isLine && count === 1 },
          ...(isLine ? (at ? { dash: [6, 4] } : {}) : { paths: bars(at) }),
          ...(!isLine && !at ? { fill: color } : {}),
        };
      }),
    ],
  };
}

function draw(element: Drawn) {
  const body = document.getElementById(element.dataset["table"] ?? "");
  const kind = element.dataset["plot"] ?? "";
  if (!body || !element.clientWidth) return;
  const table = read(body);
  element.plot?.destroy();
  const along = kind === "line" ? table.days : table.names.map((_, at) => at);
  const data = [along, ...table.series.map((one) => one.values)] as uPlot.AlignedData;
  element.plot = new (Plot())(options(kind, table, element), data, element);
}

function drawAll() {
  for (const element of document.querySelectorAll<Drawn>("[data-plot]")) draw(element);
}

/** Draws them once the page is there, and again where the width or the colours change. */
export function plots() {
  let width = 0;
  new ResizeObserver(() => {
    if (document.documentElement.clientWidth === width) return;
    width = document.documentElement.clientWidth;
    drawAll();
  }).observe(document.documentElement);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
}
