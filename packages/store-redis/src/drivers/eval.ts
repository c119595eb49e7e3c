import type { Driver, Line } from '../driver.ts'

/** A client that runs scripts and no more, such as `new Redis()` of `@upstash/redis`. */
export interface EvalClient {
  eval(script: string, keys: string[], args: string[]): Promise<unknown>
  /** Without it the text of a script is sent each time. */
  evalsha?(sha: string, keys: string[], args: string[]): Promise<unknown>
}

export function isEval(client: unknown): client is EvalClient {
  return typeof (client as EvalClient | null)?.eval === 'function'
}

export function evalDriver(client: EvalClient): Driver {
  const line: Line = {
    run({ by, body, keys, args }) {
      if (by === 'EVAL') return client.eval(body, [...keys], [...args])
      return client.evalsha
        ? client.evalsha(body, [...keys], [...args])
        : Promise.reject(new Error('NOSCRIPT this client knows texts only'))
    },
    runAndWait: cannot,
    askPrimaries: cannot,
    close() {},
  }
  return { connect: async () => line, isCluster: false, hasLines: false, listen: null }
}

function cannot(): Promise<never> {
  return Promise.reject(new Error('this client runs scripts alone'))
}
