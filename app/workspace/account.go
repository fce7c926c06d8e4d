package workspace

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/crmpop/crmpop/app/browser"
	"github.com/crmpop/crmpop/app/screenpop"
)

const sessionPath = "/api/v1/session"

const (
	statusOK           = 200
	statusUnauthorized = 401
	statusTooMany      = 429
)

// account is who has signed in, as the server says it.
type account struct {
	User struct {
		ID    string `json:"id"`
		Email string `json:"email"`
		Name  string `json:"name"`
		Role  string `json:"role"`
	} `json:"user"`
	Tenant struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"tenant"`
	Demo     bool   `json:"demo"`
	PhoneURL string `json:"phone_url"`
	Build    string `json:"build"`
}

// called returns the user's name, the e-mail address where there is none.
func (a account) called() string { return orElse(a.User.Name, a.User.Email) }

// welcome is what the sign-in page may tell a stranger: in the demo alone there
// is something to tell.
type welcome struct {
	Demo     bool     `json:"demo"`
	Users    []string `json:"demo_users"`
	Password string   `json:"demo_password"`
}

// problem is an answer that says what went wrong (RFC 9457).
type problem struct {
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

// says returns the problem in words, or words of our own for a status without.
func (p problem) says(status int) string {
	switch {
	case p.Detail != "":
		return p.Detail
	case p.Title != "":
		return p.Title
	case status == statusUnauthorized:
		return "The e-mail address or the password is wrong."
	case status == statusTooMany:
		return "Too many attempts. Wait a minute, then try again."
	}
	return fmt.Sprintf("The server answered with status %d. Try again.", status)
}

// Errors for people; what Code says, the sign-in page acts on.
var (
	errSignedOut   = screenpop.Errorf(screenpop.CodeUnauthorized, "signed-out", "Sign in to go on.")
	errUnreachable = screenpop.Errorf(screenpop.CodeUnavailable, "unreachable",
		"The server does not answer. Check the network.")
	errIntercepted = screenpop.Errorf(screenpop.CodeUnavailable, "intercepted",
		"Your network answers in the server's place. Open any other page to sign in to the network; this goes on by itself then.")
)

// askSession returns who is signed in. With errSignedOut comes the welcome.
func askSession() (account, welcome, error) {
	answer, err := browser.Fetch("GET", sessionPath, "", nil)
	if err != nil {
		return account{}, welcome{}, unreachable(err)
	}
	return readSession(answer)
}

func readSession(answer browser.Answer) (account, welcome, error) {
	var a account
	var w welcome
	if !ours(answer) {
		return a, w, errIntercepted
	}
	switch answer.Status {
	case statusOK:
		if err := json.Unmarshal(answer.Body, &a); err != nil {
			return a, w, fmt.Errorf("read the session: %w", err)
		}
		return a, w, nil
	case statusUnauthorized:
		// A body without the demo's words leaves the welcome empty.
		_ = json.Unmarshal(answer.Body, &w)
		return a, w, errSignedOut
	}
	return a, w, readProblem(answer)
}

// unreachable says why no answer of our server came.
func unreachable(err error) error {
	if errors.Is(err, browser.ErrElsewhere) {
		return errIntercepted
	}
	return errUnreachable
}

// ours reports whether it was our server that answered: it speaks JSON. A network
// that wants a sign-in of its own answers with a page, or sends elsewhere.
func ours(answer browser.Answer) bool {
	return answer.Status >= 500 || strings.HasPrefix(answer.Type, "application/")
}

// sendSignIn signs in and returns the account, or an error for people.
func sendSignIn(email, password string) (account, error) {
	body, err := json.Marshal(map[string]string{"email": email, "password": password})
	if err != nil {
		return account{}, fmt.Errorf("encode the sign-in: %w", err)
	}
	answer, err := browser.Fetch("POST", sessionPath, "application/json", body)
	if err != nil {
		return account{}, unreachable(err)
	}
	if answer.Status != statusOK && ours(answer) {
		return account{}, readProblem(answer)
	}
	a, _, err := readSession(answer)
	return a, err
}

func readProblem(answer browser.Answer) error {
	var p problem
	// An answer that is no problem document leaves p empty: its status speaks.
	_ = json.Unmarshal(answer.Body, &p)
	return &screenpop.Error{Code: screenpop.CodeDenied, Kind: "sign-in", Msg: p.says(answer.Status)}
}

// message returns what an error has to say to people.
func message(err error) string {
	var e *screenpop.Error
	if errors.As(err, &e) {
		return e.Msg
	}
	return "Something went wrong: " + err.Error() + "."
}
