import { send } from 'recipe:XMLHttpRequest';

export const works = async () => {
  let sent = 0;
  const { status, responseText } = await send(new Blob(['x'.repeat(100_000)]), ({ loaded }) => { sent = loaded; });
  return [status, JSON.parse(responseText).length, sent];
};
