/**
 * Requests in the place of a WebSocket.
 *
 * Safari on an iPhone loads a page although its user has to accept the certificate, and refuses a
 * WebSocket to the same server.
 *
 * @module
 */

/** What this page uses of a WebSocket. */
export class PostSocket {
  onmessage;
  onclose;
  readyState = WebSocket.OPEN;
  bufferedAmount = 0;

  #url;
  #waiting = [];
  #isSending = false;
  #abort = new AbortController();

  /** @param {URL} url where the sender takes requests */
  constructor(url) {
    this.#url = new URL(url);
    this.#url.searchParams.set("id", crypto.randomUUID());
    this.#begin();
  }

  /** Sends bytes, after those before. */
  send(bytes) {
    this.#waiting.push(bytes);
    this.bufferedAmount += bytes.length;
    this.#flush();
  }

  close() {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.#abort.abort();
    this.onclose?.();
  }

  async #begin() {
    this.#isSending = true;
    const opened = await this.#request({ method: "POST", body: "" }, "&open");
    this.#isSending = false;
    if (opened === undefined) return;
    this.#flush();
    this.#receive();
  }

  async #flush() {
    if (this.#isSending || this.#waiting.length === 0) return;
    this.#isSending = true;
    const body = new Blob(this.#waiting.splice(0));
    const sent = await this.#request({ method: "POST", body });
    this.bufferedAmount -= body.size;
    this.#isSending = false;
    if (sent !== undefined) this.#flush();
  }

  async #receive() {
    for (let data; (data = await this.#request({})) !== undefined;) {
      if (data.byteLength > 0) this.onmessage?.({ data });
    }
  }

  /** Makes a request. @returns {Promise<ArrayBuffer | undefined>} undefined if it has failed */
  async #request(init, more = "") {
    try {
      const options = { cache: "no-store", signal: this.#abort.signal, ...init };
      const response = await fetch(`${this.#url}${more}`, options);
      if (response.ok) return await response.arrayBuffer();
    } catch {
      // the sender cannot be reached, or this is closed
    }
    this.close();
    return undefined;
  }
}
