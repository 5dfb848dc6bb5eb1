// Checks, at the start of every run, that the link and the brake slow the page, a worker and a SharedWorker alike. Otherwise a
// comparison of libraries with and without a worker would mean nothing.
import { SAMPLE } from './pages.mjs';

const TIMES = 7;
const PLACES = ['page', 'Worker', 'SharedWorker'];
/** The factor by which the brake slows pure work. Processes outside the browser affect braked and unbraked work differently. */
const BRAKED = { least: 3, most: 6 };
/** The largest ratio between the places. */
const ALIKE = 1.3;
/** A load takes at least what the link's round trip and its bandwidth take, and not much more. Clocks and timers are off by a few milliseconds. */
const LOADED = { least: 0.95, most: 1.3 };
const HEADERS = 1 + 40 / 1_460;

const WORK = `(() => {
  const begun = performance.now();
  let value = 0;
  for (let i = 0; i < 2e7; i += 1) value = (value * 31 + i) | 0;
  return performance.now() - begun;
})()`;
const load = (url) => `(async () => {
  const begun = performance.now();
  await (await fetch('${url}', { cache: 'no-store' })).arrayBuffer();
  return performance.now() - begun;
})()`;

/** Runs in the page: evaluates code in one of the places. */
function evaluateIn([place, code]) {
  if (place === 'page') return (0, eval)(code);
  const script = (body) => URL.createObjectURL(new Blob([body]));
  return new Promise((resolve) => {
    if (place === 'Worker') {
      const worker = new Worker(script(`Promise.resolve(${code}).then((value) => postMessage(value));`));
      worker.onmessage = ({ data }) => { resolve(data); worker.terminate(); };
    } else {
      const { port } = new SharedWorker(script(`onconnect = ({ ports: [port] }) => Promise.resolve(${code}).then((value) => { port.postMessage(value); close(); });`));
      port.onmessage = ({ data }) => resolve(data);
    }
  });
}

/** The minimum of several times, in each place: other load on the machine makes a time longer. */
async function inPlaces(page, code) {
  const times = Object.fromEntries(PLACES.map((place) => [place, []]));
  for (let round = 0; round < TIMES; round += 1) {
    for (const place of PLACES) times[place].push(await page.evaluate(evaluateIn, [place, code]));
  }
  return Object.fromEntries(PLACES.map((place) => [place, Math.min(...times[place])]));
}

const areAlike = (times) => Math.max(...Object.values(times)) <= ALIKE * Math.min(...Object.values(times));
const areWithin = (values, { least, most }) => Object.values(values).every((value) => value >= least && value <= most);

/** Work in each place, at full speed and braked. */
async function checkBrake(lab, page, cpu) {
  const full = await inPlaces(page, WORK);
  const braked = await lab.under({ cpu, link: {} }, () => inPlaces(page, WORK));
  const ratios = Object.fromEntries(PLACES.map((place) => [place, braked[place] / full[place]]));
  return { full, braked, ratios, holds: areWithin(ratios, BRAKED) && areAlike(ratios) };
}

/** How long a load takes in each place, on open connections past slow start, and how long the link alone takes. */
async function checkLink(lab, home, { link }) {
  const least = link.rtt + (SAMPLE.length * HEADERS) / (link.down / 8);
  const times = await lab.visitor((page) => lab.under({ cpu: 1, link }, async () => {
    await page.goto(home);
    const url = new URL('/sample', home).href;
    for (const place of PLACES) await page.evaluate(evaluateIn, [place, load(url)]);
    return inPlaces(page, load(url));
  }));
  return { least, times, holds: areWithin(times, { least: least * LOADED.least, most: least * LOADED.most }) && areAlike(times) };
}

/** Checks the brake, and each of these networks that has a link. */
export async function calibrate(lab, networks) {
  const [home] = [...lab.apps.values()].map(({ config }) => config.homeUrl);
  const slow = Object.entries(networks).filter(([, { link }]) => link.rtt);
  const links = {};
  for (const [name, network] of slow) links[name] = await checkLink(lab, home, network);
  const rate = Math.max(...Object.values(networks).map(({ cpu }) => cpu));
  const brake = rate > 1 ? await lab.visitor(async (page) => {
    await page.goto(home);
    return checkBrake(lab, page, rate);
  }) : undefined;
  return { brake, links, holds: [brake, ...Object.values(links)].every((check) => check?.holds ?? true) };
}
