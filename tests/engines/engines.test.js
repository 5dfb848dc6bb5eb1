// What the other tests rely on: that every engine keeps visitors apart, obeys the policies and tells of what breaks them.
import assert from 'node:assert/strict';
import { eventually } from '../e2e/support/eventually.js';
import { stage } from './support/harness.js';

const { test } = stage();

test('the tabs of a visitor share a storage, and another visitor has one of their own', async ({ newApp, newVisitor, page, site }) => {
  const [beside, { app: elsewhere }] = await Promise.all([newApp(), newVisitor()]);
  for (const tab of [page, beside.page, elsewhere.page]) await tab.open(site.blank);
  await page.evaluate(() => localStorage.setItem('here', 'yes'));
  const [there, apart] = await Promise.all([beside, elsewhere].map((app) => app.page.evaluate(() => localStorage.getItem('here'))));
  assert.deepEqual([there, apart], ['yes', null]);
});

test('tabs can wait for each other', async ({ newApp, page, site }) => {
  const beside = await newApp();
  for (const tab of [page, beside.page]) await tab.open(site.blank);
  const heard = page.evaluate(() => new Promise((resolve) => {
    new BroadcastChannel('test').onmessage = ({ data }) => resolve(data);
    window.listens = true;
  }));
  await page.until(() => window.listens);
  await beside.page.evaluate(() => { new BroadcastChannel('test').postMessage('hello'); });
  assert.equal(await heard, 'hello');
});

test('what breaks a policy is told of', { announced: [/img-src/] }, async ({ app, page, site }) => {
  await app.open();
  await app.is('signed-out');
  await page.evaluate(() => { new Image().src = 'http://elsewhere.localhost/'; });
  await eventually('the complaint', () => site.complaints.some((complaint) => complaint.startsWith('policy: img-src http://elsewhere.localhost')));
});

test('an error that nobody catches is told of', { announced: [/nobody caught it/] }, async ({ app, page, site }) => {
  await app.open();
  await page.evaluate(() => { setTimeout(() => { throw new Error('nobody caught it'); }); });
  await eventually('the complaint', () => site.complaints.some((complaint) => complaint.startsWith('page: ')));
});

test('a worker obeys a policy of its own', { announced: [/connect-src/] }, async ({ app, page, site }) => {
  site.headers = (file) => (file === 'worker.js' ? { 'Content-Security-Policy': "default-src 'none'" } : {});
  site.spoil('worker.js', { body: "fetch('/config.json').then(() => postMessage('reached'), () => postMessage('held back'));" });
  await app.open();
  const [inWorker, inPage] = await page.evaluate(async () => {
    const { data } = await new Promise((resolve, reject) => { Object.assign(new Worker('/worker.js'), { onmessage: resolve, onerror: reject }); });
    return [data, (await fetch('/config.json')).status];
  });
  assert.deepEqual([inWorker, inPage], ['held back', 200]);
});
