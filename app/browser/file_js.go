package browser

import "fmt"

// ReadFile returns the text of the file that is chosen in the file field with
// this id: ErrNoFile without one, ErrFileTooLarge if it has more than most bytes.
// It blocks; call it in Go.
func ReadFile(id string, most int) (string, error) {
	el, ok := field(id)
	if !ok || el.Get("files").Length() == 0 {
		return "", ErrNoFile
	}
	file := el.Get("files").Index(0)
	if file.Get("size").Int() > most {
		return "", fmt.Errorf("%w: %d bytes, at most %d", ErrFileTooLarge, file.Get("size").Int(), most)
	}
	text, err := await(file.Call("text"), 0)
	if err != nil {
		return "", fmt.Errorf("read the file: %w", err)
	}
	return text.String(), nil
}
