import { outboxContract } from '../contract/outbox.ts';
import { makeMysqlControlSubject } from './control-subject.ts';

outboxContract('MySQL', makeMysqlControlSubject);
