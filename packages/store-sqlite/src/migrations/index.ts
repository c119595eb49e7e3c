import { tables } from './0001-tables.ts'
import { views } from './0002-views.ts'
import { approvals } from './0003-approvals.ts'
import { lockouts } from './0004-lockouts.ts'
import { sessions } from './0005-sessions.ts'
import { headless } from './0006-headless.ts'
import { clients } from './0007-clients.ts'

/** A step of the schema. What was published never changes: a change is a new step. */
export interface Migration {
  number: number
  name: string
  sql: string
}

/** All steps, in order. */
export const migrations: readonly Migration[] = [
  { number: 1, name: 'tables', sql: tables },
  { number: 2, name: 'views', sql: views },
  { number: 3, name: 'approvals', sql: approvals },
  { number: 4, name: 'lockouts', sql: lockouts },
  { number: 5, name: 'sessions', sql: sessions },
  { number: 6, name: 'headless', sql: headless },
  { number: 7, name: 'clients', sql: clients },
]
