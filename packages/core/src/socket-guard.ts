import type { AgentAuth, SessionAuth } from './pair.ts'
import type { Frame } from './resource/message-class.ts'

/** What a socket of any WebSocket library can do for us. */
export interface SocketPort {
  send(text: string): void
  close(code: number, reason: string): void
}

/** A socket under guard. It is closed with 4003 when its session ends and 4004 when it expires. */
export interface AttachedSocket {
  /**
   * Hand every incoming frame here first. `true`: it is the app's. `false`: it was ours, the socket is not open to the app
   * yet, or the mode in which a resource was opened does not send such messages.
   */
  receive(frame: Frame): Promise<boolean>
  /** Tell when the socket has closed. */
  closed(): void
}

/** An upgrade that was let through. */
export interface SocketGuard<
  S extends string = string,
  A extends SessionAuth<S> | AgentAuth<S> = SessionAuth<S>,
> {
  /** The session or agent as it is now: what was taken away meanwhile is gone from it. */
  auth: A
  /** Once, when the socket is open. `ready` is called when the app may use it: at once, or after a proven `hello`. */
  attach(socket: SocketPort, ready: () => void): AttachedSocket
}
