/** A signal that is never aborted, and those who listen to it. */
export function listenedSignal(): { signal: AbortSignal; listeners: Set<unknown> } {
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  const { addEventListener } = signal;
  signal.addEventListener = (type: string, listener: EventListener) => {
    listeners.add(listener);
    addEventListener.call(signal, type, listener);
  };
  signal.removeEventListener = (_type: string, listener: unknown) => listeners.delete(listener);
  return { signal, listeners };
}
