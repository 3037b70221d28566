/* Carries what a call wants, step by step on poll(2): generatio_call_next says what that is, and this loop does it. One of
 * a program's own could serve many calls so, and other descriptors beside them. */

#ifndef COURIER_H
#define COURIER_H

#include "http.h"

#include <generatio.h>

/* The exchange that a call is in; none while `http` is NULL. */
typedef struct {
  generatio_call *call;
  uint64_t exchange;
  http *http;
} courier;

typedef void courier_tell(void *context, const generatio_progress *progress);

/* Takes a call to its end, telling progress; as generatio_call_run. */
generatio_status courier_run(generatio_call *call, courier_tell *tell, void *context, generatio_error **error);

/* What it is made of. Begins to send; false when nothing can be sent. */
bool courier_send(courier *it, uint64_t exchange, const generatio_request *request);

/* Waits until bytes come, or the call wants to be asked again; at most a second. */
void courier_wait(const courier *it, int64_t until_ms);

/* While the exchange is under way. */
#define COURIER_MORE (-1)

/* Feeds what has come, without waiting. Gives back COURIER_MORE or a generatio_exchange_end. */
int courier_go_on(courier *it);

/* Cuts the exchange off. */
void courier_stop(courier *it);

#endif
