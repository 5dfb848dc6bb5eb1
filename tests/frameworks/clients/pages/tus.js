import { upload } from 'recipe:tus-js-client';

const file = () => new File(['one two three'], 'a.txt');
const run = (options) => new Promise((resolve, reject) => {
  const one = upload(file(), { chunkSize: 5, retryDelays: null, ...options, onSuccess: () => resolve(one.url), onError: reject });
  one.start();
});

export const works = () => run({}).then((url) => new URL(url).pathname);
export const fails = () => run({ metadata: { forbidden: 'yes' } }).catch(({ originalResponse }) => originalResponse.getStatus());
export const aborts = (signal) => new Promise((resolve) => {
  const one = upload(file(), { endpoint: String(new URL('never', window.apiPrefix)), retryDelays: null, onError: () => {} });
  one.start();
  signal.addEventListener('abort', () => resolve(one.abort().then(() => 'aborted')));
});
