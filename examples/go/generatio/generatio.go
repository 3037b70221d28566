// Package generatio is libgeneratio for Go: sealing of FAL keys, the model catalog, exact money, and pictures from FAL
// over net/http.
package generatio

/*
#cgo pkg-config: generatio
#include <stdlib.h>
#include <generatio.h>
*/
import "C"

import (
	"encoding/json"
	"fmt"
	"runtime"
	"unsafe"
)

func init() {
	if got := C.generatio_abi(); got != C.GENERATIO_ABI {
		panic(fmt.Sprintf("libgeneratio speaks ABI %d, and this package %d", got, C.GENERATIO_ABI))
	}
}

// Error is what the library refused or FAL did not do.
type Error struct {
	// Name is stable, such as "wrong_password".
	Name    string
	Message string
	// MayHaveBeenTaken says that FAL may have been paid: do not submit again without asking.
	MayHaveBeenTaken bool
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Message, e.Name) }

// failure turns a status and the error that came with it, which it frees, into a Go error.
func failure(status C.generatio_status, told *C.generatio_error) error {
	if status == C.GENERATIO_OK {
		return nil
	}
	defer C.generatio_error_free(told)
	message := C.GoString(C.generatio_status_message(C.uint32_t(status)))
	if told != nil {
		message = text(C.generatio_error_message(told))
	}
	for at := C.size_t(0); at < C.generatio_error_problem_count(told); at++ {
		path, problem := C.generatio_error_problem_path(told, at), C.generatio_error_problem_message(told, at)
		message += fmt.Sprintf("; %s: %s", text(path), text(problem))
	}
	name := C.GoString(C.generatio_status_name(C.uint32_t(status)))
	return &Error{name, message, bool(C.generatio_error_may_have_been_taken(told))}
}

// text copies a view.
func text(view C.generatio_view) string { return C.GoStringN(view.data, C.int(view.len)) }

// input lends a text of Go's to the library, for one call.
func input(text string) (*C.char, C.size_t) {
	return (*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.size_t(len(text))
}

// Seal seals a FAL key under a password; it opens only with the same context.
func Seal(token, password, context string) (string, error) {
	var sealed *C.generatio_text
	t, tLen := input(token)
	p, pLen := input(password)
	c, cLen := input(context)
	if err := failure(C.generatio_seal(t, tLen, p, pLen, c, cLen, 0, &sealed), nil); err != nil {
		return "", err
	}
	defer C.generatio_text_free(sealed)
	return text(C.generatio_text_view(sealed)), nil
}

// Secret is a text that the library holds, and overwrites when it is closed.
type Secret struct{ handle *C.generatio_secret }

// Open opens what Seal of any face of Generatio made.
func Open(sealed, password, context string) (*Secret, error) {
	secret := new(Secret)
	s, sLen := input(sealed)
	p, pLen := input(password)
	c, cLen := input(context)
	err := failure(C.generatio_open(s, sLen, p, pLen, c, cLen, &secret.handle), nil)
	if err != nil {
		return nil, err
	}
	runtime.SetFinalizer(secret, (*Secret).Close)
	return secret, nil
}

// Close overwrites the secret. It may be called again.
func (s *Secret) Close() {
	C.generatio_secret_free(s.handle)
	s.handle = nil
}

// Generation is a request that passed the checks.
type Generation struct{ handle *C.generatio_generation }

// Check checks a request against the built-in catalog, without spending anything.
func Check(model, prompt string, parameters any) (*Generation, error) {
	encoded, err := json.Marshal(parameters)
	if err != nil {
		return nil, err
	}
	var catalog *C.generatio_catalog
	if err := failure(C.generatio_catalog_builtin(&catalog), nil); err != nil {
		return nil, err
	}
	defer C.generatio_catalog_free(catalog)
	generation := new(Generation)
	var told *C.generatio_error
	m, mLen := input(model)
	p, pLen := input(prompt)
	j, jLen := input(string(encoded))
	status := C.generatio_catalog_check(catalog, m, mLen, p, pLen, j, jLen, &generation.handle, &told)
	if err := failure(status, told); err != nil {
		return nil, err
	}
	runtime.SetFinalizer(generation, (*Generation).Close)
	return generation, nil
}

// Close frees the request. It may be called again.
func (g *Generation) Close() {
	C.generatio_generation_free(g.handle)
	g.handle = nil
}

// USD is an exact amount in nano-dollars.
type USD int64

func (u USD) String() string {
	var buffer [C.GENERATIO_USD_TEXT_BYTES]C.char
	C.generatio_usd_format(C.int64_t(u), &buffer[0], C.size_t(len(buffer)))
	return "$" + C.GoString(&buffer[0])
}

func billed(cost *C.generatio_cost) USD {
	defer C.generatio_cost_free(cost)
	return USD(C.generatio_cost_nano_usd(cost, C.GENERATIO_PRICES_FAL))
}

// Quote is what FAL will bill, at most.
func (g *Generation) Quote() (USD, error) {
	defer runtime.KeepAlive(g)
	var cost *C.generatio_cost
	if err := failure(C.generatio_generation_quote(g.handle, &cost), nil); err != nil {
		return 0, err
	}
	return billed(cost), nil
}

// charge is what FAL billed.
func (g *Generation) charge(output *C.generatio_output) (USD, error) {
	defer runtime.KeepAlive(g)
	var cost *C.generatio_cost
	images, units := C.uint32_t(C.generatio_output_count(output)), C.generatio_output_billable_units(output)
	status := C.generatio_generation_charge(g.handle, images, units.data, units.len, &cost)
	if err := failure(status, nil); err != nil {
		return 0, err
	}
	return billed(cost), nil
}
