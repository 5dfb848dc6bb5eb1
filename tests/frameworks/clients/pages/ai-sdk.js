import { DefaultChatTransport } from 'ai';
import { transport } from 'recipe:AI SDK';

const messages = [{ id: '1', role: 'user', parts: [{ type: 'text', text: 'hello' }] }];
const send = (to, abortSignal) => to.sendMessages({ chatId: '1', messages, trigger: 'submit-message', abortSignal });
const at = (path) => new DefaultChatTransport({ api: String(new URL(path, window.apiPrefix)), fetch: window.auth.fetch });

export const works = async () => {
  let text = '';
  for await (const { delta = '' } of await send(transport)) text += delta;
  return text;
};
export const fails = () => send(at('forbidden')).catch(({ message }) => message);
export const aborts = (signal) => send(at('never'), signal).catch(({ name }) => name);
