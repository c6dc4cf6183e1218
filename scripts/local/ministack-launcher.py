"""MiniStack, with two differences.

It saves its state when it ends in good order only. Here the tables and the parameters are also saved after every
request that may have changed them and before its answer goes out, as what they stand in for would: an epoch that
was promised must outlive the process.

It waits three seconds for idle connections when it is told to end. Here it does not.

Leans on internals of ministack==1.5.33.
"""

import hypercorn.config
import ministack.app
import ministack.services.dynamodb
import ministack.services.ssm
from ministack.core.persistence import save_state

hypercorn.config.Config.graceful_timeout = 0.2

READS = ("Get", "BatchGet", "Describe", "List", "Query", "Scan", "TransactGet")


def save_before_answering(name, module):
    handle = ministack.app.SERVICE_HANDLERS[name]

    async def handle_and_save(method, path, headers, body, query_params):
        answer = await handle(method, path, headers, body, query_params)
        target = next((v for k, v in headers.items() if k.lower() == "x-amz-target"), "")
        if not target.rpartition(".")[2].startswith(READS):
            save_state(name, module.get_state())
        return answer

    ministack.app.SERVICE_HANDLERS[name] = handle_and_save


save_before_answering("dynamodb", ministack.services.dynamodb)
save_before_answering("ssm", ministack.services.ssm)

if __name__ == "__main__":
    ministack.app.main()
