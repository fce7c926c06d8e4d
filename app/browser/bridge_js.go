package browser

import (
	"errors"
	"fmt"
	"syscall/js"
	"time"
)

var errTimeout = errors.New("no answer in time")

func window() js.Value   { return js.Global() }
func document() js.Value { return js.Global().Get("document") }

// present reports whether v is there: neither undefined nor null.
func present(v js.Value) bool { return !v.IsUndefined() && !v.IsNull() }

func complain(fault, stack string) {
	js.Global().Get("console").Call("error", "crmpop: "+fault+"\n"+stack)
}

// get and set reach properties that may throw. What Value.Get and Value.Set throw
// cannot be caught: it ends the program.
func get(v js.Value, name string) js.Value {
	return js.Global().Get("Reflect").Call("get", v, name)
}

func set(v js.Value, name string, to any) {
	js.Global().Get("Reflect").Call("set", v, name, to)
}

// try runs f and returns what it threw, if it threw.
func try(f func()) (err error) {
	defer func() {
		switch fault := recover().(type) {
		case nil:
		case js.Error:
			err = fault
		default:
			err = fmt.Errorf("%v", fault)
		}
	}()
	f()
	return nil
}

// callback makes f callable by the browser. The caller releases it.
func callback(f func(args []js.Value)) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any {
		guarded(func() { f(args) })
		return nil
	})
}

// on calls f at each event of the kind on target, until off is called.
func on(target js.Value, kind string, f func(event js.Value)) (off func()) {
	heard := callback(func(args []js.Value) { f(args[0]) })
	target.Call("addEventListener", kind, heard)
	return func() {
		target.Call("removeEventListener", kind, heard)
		heard.Release()
	}
}

// onCapture is on for as long as the document lives, ahead of the document's own
// listeners and unable to hold up scrolling unless active.
func onCapture(target js.Value, kind string, active bool, f func(event js.Value)) {
	heard := callback(func(args []js.Value) { f(args[0]) })
	target.Call("addEventListener", kind, heard, map[string]any{"capture": true, "passive": !active})
}

// settled calls f once promise has an outcome; err is what it was rejected with.
func settled(promise js.Value, f func(v js.Value, err error)) {
	var kept, broken js.Func
	release := func() {
		kept.Release()
		broken.Release()
	}
	kept = callback(func(args []js.Value) {
		defer release()
		f(args[0], nil)
	})
	broken = callback(func(args []js.Value) {
		defer release()
		f(js.Undefined(), js.Error{Value: args[0]})
	})
	promise.Call("then", kept, broken)
}

// await blocks until promise has an outcome or, if patience is positive, until
// it has run out: then the error is errTimeout.
func await(promise js.Value, patience time.Duration) (js.Value, error) {
	type outcome struct {
		v   js.Value
		err error
	}
	done := make(chan outcome, 1)
	settled(promise, func(v js.Value, err error) { done <- outcome{v, err} })
	var late <-chan time.Time
	if patience > 0 {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case o := <-done:
		return o.v, o.err
	case <-late:
		return js.Undefined(), errTimeout
	}
}

// errorName returns the name of the exception in err, such as "AbortError".
func errorName(err error) string {
	var thrown js.Error
	if errors.As(err, &thrown) && thrown.Type() == js.TypeObject && thrown.Get("name").Type() == js.TypeString {
		return thrown.Get("name").String()
	}
	return ""
}

// style sets properties through the object model, which a strict content
// security policy allows where it forbids the attribute.
func style(el js.Value, properties map[string]string) {
	for name, value := range properties {
		el.Get("style").Call("setProperty", name, value)
	}
}
