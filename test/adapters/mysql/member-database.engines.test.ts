import { directoryContract } from '../contract/directory.ts';
import { historySourceContract } from '../contract/history-source.ts';
import { memberSourceContract } from '../contract/member-source.ts';
import { memberStoreContract } from '../contract/member-store.ts';
import { memberWalkContract } from '../contract/member-walk.ts';
import { registrationsContract } from '../contract/registrations.ts';
import { tokensContract } from '../contract/tokens.ts';
import { trimmingContract } from '../contract/trimming.ts';
import { makeMysqlSubject } from './subject.ts';

memberStoreContract('MySQL', makeMysqlSubject);
directoryContract('MySQL', makeMysqlSubject);
tokensContract('MySQL', makeMysqlSubject);
registrationsContract('MySQL', makeMysqlSubject);
memberSourceContract('MySQL', makeMysqlSubject);
memberWalkContract('MySQL', makeMysqlSubject);
historySourceContract('MySQL', makeMysqlSubject);
trimmingContract('MySQL', makeMysqlSubject);
