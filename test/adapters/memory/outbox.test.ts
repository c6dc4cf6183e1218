import { outboxContract } from '../contract/outbox.ts';
import { makeMemoryControlSubject } from './control-subject.ts';

outboxContract('memory', makeMemoryControlSubject);
