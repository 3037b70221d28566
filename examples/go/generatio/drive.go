package generatio

/*
#include <generatio.h>
*/
import "C"

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

// event is what an exchange brings: a head, bytes, or its end.
type event struct {
	head  *http.Response
	chunk []byte
	end   *C.generatio_exchange_end
}

// exchange is one HTTP exchange on its way, read by a goroutine of its own.
type exchange struct {
	number C.uint64_t
	events chan event
	cancel context.CancelFunc
}

var client = &http.Client{
	Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, DisableCompression: true, DisableKeepAlives: true, ForceAttemptHTTP2: true,
	},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// drive takes the steps of a call to its end: everything that touches the call happens here, in this goroutine.
func drive(ctx context.Context, call *C.generatio_call, tell func(Progress)) error {
	current := new(exchange)
	defer func() { current.stop() }()
	done := ctx.Done()
	for {
		var step C.uint32_t
		if err := failure(C.generatio_call_next(call, C.int64_t(time.Now().UnixMilli()), &step), nil); err != nil {
			return err
		}
		tellNews(call, tell)
		switch step {
		case C.GENERATIO_STEP_DONE:
			var told *C.generatio_error
			return failure(C.generatio_call_finish(call, &told), told)
		case C.GENERATIO_STEP_SEND:
			current.stop()
			current = begin(call)
			continue
		}
		if C.generatio_call_exchange(call) != current.number {
			current.stop()
			current = new(exchange)
		}
		// A channel that is nil never has anything.
		select {
		case event := <-current.events:
			feed(call, current.number, event)
		case <-time.After(time.Until(time.UnixMilli(int64(C.generatio_call_wait_until(call))))):
		case <-done:
			C.generatio_call_abort(call)
			done = nil
		}
	}
}

func tellNews(call *C.generatio_call, tell func(Progress)) {
	for {
		var news *C.generatio_progress
		if C.generatio_call_next_progress(call, &news) != C.GENERATIO_OK || news == nil {
			return
		}
		tell(progress(news))
		C.generatio_progress_free(news)
	}
}

func feed(call *C.generatio_call, number C.uint64_t, event event) {
	switch {
	case event.head != nil:
		C.generatio_call_head(call, number, C.uint16_t(event.head.StatusCode))
		for name, values := range event.head.Header {
			for _, value := range values {
				n, nLen := input(name)
				v, vLen := input(value)
				C.generatio_call_header(call, number, n, nLen, v, vLen)
			}
		}
		C.generatio_call_head_done(call, number)
	case event.end != nil:
		C.generatio_call_end(call, number, C.uint32_t(*event.end))
	default:
		C.generatio_call_chunk(call, number, (*C.uint8_t)(&event.chunk[0]), C.size_t(len(event.chunk)))
	}
}

// begin sends the request that a call wants sent.
func begin(call *C.generatio_call) *exchange {
	wanted := C.generatio_call_request(call)
	deadline := time.UnixMilli(int64(C.generatio_request_deadline_ms(wanted)))
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	started := &exchange{C.generatio_call_exchange(call), make(chan event), cancel}
	body := bytes.NewReader([]byte(text(C.generatio_request_body(wanted))))
	request, err := http.NewRequestWithContext(
		ctx, text(C.generatio_request_method(wanted)), text(C.generatio_request_url(wanted)), body)
	if err == nil {
		for at := C.size_t(0); at < C.generatio_request_header_count(wanted); at++ {
			name, value := C.generatio_request_header_name(wanted, at), C.generatio_request_header_value(wanted, at)
			request.Header.Set(text(name), text(value))
		}
		// What could be read once more could be sent once more, and a submit is a purchase.
		request.GetBody = nil
	}
	go started.run(ctx, request, err)
	return started
}

func (e *exchange) stop() {
	if e.cancel != nil {
		e.cancel()
	}
}

// run makes the exchange, and says what comes until the context ends.
func (e *exchange) run(ctx context.Context, request *http.Request, err error) {
	say := func(said event) bool {
		select {
		case e.events <- said:
			return true
		case <-ctx.Done():
			return false
		}
	}
	end := C.generatio_exchange_end(C.GENERATIO_EXCHANGE_END_NOT_SENT)
	if err == nil {
		end = talk(request, say)
	}
	say(event{end: &end})
}

func talk(request *http.Request, say func(event) bool) C.generatio_exchange_end {
	answer, err := client.Do(request)
	if err != nil {
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" {
			return C.GENERATIO_EXCHANGE_END_NOT_SENT
		}
		return C.GENERATIO_EXCHANGE_END_MAYBE_SENT
	}
	defer answer.Body.Close()
	if !say(event{head: answer}) {
		return C.GENERATIO_EXCHANGE_END_CUT_OFF
	}
	for {
		chunk := make([]byte, 1<<16)
		got, err := answer.Body.Read(chunk)
		if got > 0 && !say(event{chunk: chunk[:got]}) {
			return C.GENERATIO_EXCHANGE_END_CUT_OFF
		}
		if errors.Is(err, io.EOF) {
			return C.GENERATIO_EXCHANGE_END_COMPLETE
		}
		if err != nil {
			return C.GENERATIO_EXCHANGE_END_MAYBE_SENT
		}
	}
}
