package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/app/ui"
)

const apiRoot = "/api/v1"

// problem is an answer that says what went wrong (RFC 9457), with what some
// answers say besides.
type problem struct {
	Type     string              `json:"type"`
	Title    string              `json:"title"`
	Detail   string              `json:"detail"`
	Pointer  string              `json:"pointer"`
	Findings []screenpop.Finding `json:"findings"`
	Active   *revision           `json:"active"` // what somebody else has published meanwhile

	status int
}

// Error returns the problem in words.
func (p *problem) Error() string {
	switch {
	case p.Detail != "":
		return sentence(p.Detail)
	case p.Title != "":
		return sentence(p.Title)
	case p.status == 401:
		return "You were signed out."
	case p.status == 403:
		return "You may not do that."
	}
	return fmt.Sprintf("The server answered with status %d. Try again.", p.status)
}

// errUnreachable says that no answer came.
var errUnreachable = errors.New("The server does not answer. Check the network.")

// signedOutBy reports whether an error says that nobody is signed in.
func signedOutBy(err error) bool {
	var p *problem
	return errors.As(err, &p) && p.status == 401
}

// statusOf returns the status of an answer that was a problem, 0 for others.
func statusOf(err error) int {
	var p *problem
	if errors.As(err, &p) {
		return p.status
	}
	return 0
}

// call sends c and reads the JSON of the answer into v, or the answer whole where
// v is one. It blocks.
func call(c browser.Call, v any) error {
	_, err := send(c, v)
	return err
}

func send(c browser.Call, v any) (browser.Answer, error) {
	answer, err := browser.Send(c)
	if err != nil {
		return answer, errUnreachable
	}
	if answer.Status/100 != 2 {
		p := &problem{status: answer.Status}
		// An answer that is no problem document leaves p empty: its status speaks.
		_ = json.Unmarshal(answer.Body, p)
		return answer, p
	}
	if whole, ok := v.(*browser.Answer); ok {
		*whole = answer
		return answer, nil
	}
	if v == nil || len(answer.Body) == 0 {
		return answer, nil
	}
	if err := json.Unmarshal(answer.Body, v); err != nil {
		return answer, fmt.Errorf("The answer of %s could not be read: %w", c.Path, err)
	}
	return answer, nil
}

// jsonCall returns a call with v as its body.
func jsonCall(method, path string, v any) browser.Call {
	body, err := json.Marshal(v)
	if err != nil {
		goapp.Log(err) // only types of ours come here, which all have a JSON form
	}
	return browser.Call{Method: method, Path: apiRoot + path, Type: "application/json", Body: body}
}

// later sends c without waiting, and calls then with the answer on the page's
// goroutine. Somebody who was signed out meanwhile is sent to sign in.
func later[T any](o *Office, ctx goapp.Context, c browser.Call, then func(ctx goapp.Context, v T, err error)) {
	if !strings.HasPrefix(c.Path, apiRoot) {
		c.Path = apiRoot + c.Path
	}
	browser.Go(func() {
		var v T
		err := call(c, &v)
		if signedOutBy(err) {
			o.signOut()
			return
		}
		ctx.Dispatch(func(ctx goapp.Context) {
			defer ui.Recover(c.Path)
			then(ctx, v, err)
		})
	})
}

// get asks for path.
func get[T any](o *Office, ctx goapp.Context, path string, then func(ctx goapp.Context, v T, err error)) {
	later(o, ctx, browser.Call{Method: "GET", Path: apiRoot + path}, then)
}
