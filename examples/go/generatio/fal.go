package generatio

/*
#include <generatio.h>
*/
import "C"

import (
	"context"
	"runtime"
	"time"
)

// Progress says where a request stands, with the log lines that are new.
type Progress struct {
	State string
	// Ahead is how many requests are ahead of one that is queued; -1 if that is not known.
	Ahead int64
	Logs  []string
}

// Picture is a picture at FAL's public address.
type Picture struct {
	URL           string
	Width, Height uint32
}

// Output is what a request brought, and what it cost.
type Output struct {
	Pictures []Picture
	Cost     USD
}

// Fal is FAL itself, or a stand-in.
type Fal struct{ handle *C.generatio_fal }

// NewFal is FAL itself when baseURL is empty, else a stand-in there.
func NewFal(baseURL string) (*Fal, error) {
	fal := new(Fal)
	u, uLen := input(baseURL)
	if err := failure(C.generatio_fal_new(u, uLen, &fal.handle), nil); err != nil {
		return nil, err
	}
	runtime.SetFinalizer(fal, func(f *Fal) { C.generatio_fal_free(f.handle) })
	return fal, nil
}

// Generate submits, waits and fetches; ctx ends it early, and its deadline is FAL's too. A submit is a purchase: see
// Error.MayHaveBeenTaken before trying again.
func (f *Fal) Generate(ctx context.Context, key *Secret, generation *Generation, tell func(Progress)) (*Output, error) {
	defer runtime.KeepAlive(f)
	defer runtime.KeepAlive(key)
	deadline := time.Now().Add(10 * time.Minute)
	if told, ok := ctx.Deadline(); ok {
		deadline = told
	}
	until, secret := C.int64_t(deadline.UnixMilli()), C.generatio_secret_view(key.handle)

	submitted, err := f.submit(ctx, secret, generation, until, tell)
	if err != nil {
		return nil, err
	}
	defer C.generatio_submitted_free(submitted)

	var wait, result *C.generatio_call
	status := C.generatio_fal_wait(f.handle, secret.data, secret.len, submitted, until, &wait)
	if err := finish(ctx, status, wait, tell); err != nil {
		return nil, err
	}
	C.generatio_call_free(wait)

	status = C.generatio_fal_result(f.handle, secret.data, secret.len, submitted, until, &result)
	if err := finish(ctx, status, result, tell); err != nil {
		return nil, err
	}
	defer C.generatio_call_free(result)
	return generation.output(result)
}

func (f *Fal) submit(ctx context.Context, secret C.generatio_view, generation *Generation, until C.int64_t,
	tell func(Progress)) (*C.generatio_submitted, error) {
	defer runtime.KeepAlive(generation)
	var call *C.generatio_call
	var submitted *C.generatio_submitted
	status := C.generatio_fal_submit(f.handle, secret.data, secret.len, generation.handle, nil, 0, 0, until, &call)
	if err := finish(ctx, status, call, tell); err != nil {
		return nil, err
	}
	defer C.generatio_call_free(call)
	return submitted, failure(C.generatio_call_submitted(call, &submitted), nil)
}

func (g *Generation) output(call *C.generatio_call) (*Output, error) {
	var handle *C.generatio_output
	if err := failure(C.generatio_call_output(call, &handle), nil); err != nil {
		return nil, err
	}
	defer C.generatio_output_free(handle)
	cost, err := g.charge(handle)
	output := &Output{Cost: cost}
	for at := C.size_t(0); at < C.generatio_output_count(handle); at++ {
		width, height := C.generatio_output_width(handle, at), C.generatio_output_height(handle, at)
		output.Pictures = append(output.Pictures,
			Picture{text(C.generatio_output_url(handle, at)), uint32(width), uint32(height)})
	}
	return output, err
}

// finish drives a call that was begun with this status. A call that ends badly is freed.
func finish(ctx context.Context, begun C.generatio_status, call *C.generatio_call, tell func(Progress)) error {
	err := failure(begun, nil)
	if err == nil {
		err = drive(ctx, call, tell)
	}
	if err != nil {
		C.generatio_call_free(call)
	}
	return err
}

func progress(handle *C.generatio_progress) Progress {
	states := map[C.uint32_t]string{
		C.GENERATIO_JOB_STATE_QUEUED:    "queued",
		C.GENERATIO_JOB_STATE_RUNNING:   "running",
		C.GENERATIO_JOB_STATE_COMPLETED: "completed",
	}
	told := Progress{
		State: states[C.generatio_progress_state(handle)],
		Ahead: int64(C.generatio_progress_queue_position(handle)),
	}
	for at := C.size_t(0); at < C.generatio_progress_log_count(handle); at++ {
		told.Logs = append(told.Logs, text(C.generatio_progress_log_message(handle, at)))
	}
	return told
}
