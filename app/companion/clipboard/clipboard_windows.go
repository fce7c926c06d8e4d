package clipboard

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

const (
	unicodeText   = 13 // CF_UNICODETEXT
	memoryMovable = 2  // GMEM_MOVEABLE
)

// System returns the clipboard of the user's session.
func System([]string) Clipboard { return Clipboard{} }

// api are the functions of Windows that copying needs.
type api struct{ open, empty, set, close, alloc, free, lock, unlock, move *windows.LazyProc }

func newAPI() api {
	user, kernel := windows.NewLazySystemDLL("user32.dll"), windows.NewLazySystemDLL("kernel32.dll")
	return api{
		open: user.NewProc("OpenClipboard"), empty: user.NewProc("EmptyClipboard"),
		set: user.NewProc("SetClipboardData"), close: user.NewProc("CloseClipboard"),
		alloc: kernel.NewProc("GlobalAlloc"), free: kernel.NewProc("GlobalFree"),
		lock: kernel.NewProc("GlobalLock"), unlock: kernel.NewProc("GlobalUnlock"), move: kernel.NewProc("RtlMoveMemory"),
	}
}

// write opens the clipboard, which belongs to a thread, and gives it the text.
func (c Clipboard) write(ctx context.Context, text string) error {
	wide, err := windows.UTF16FromString(text)
	if err != nil {
		return err
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	a := newAPI()
	if err := a.openWithin(ctx); err != nil {
		return err
	}
	defer a.close.Call()
	if ok, _, err := a.empty.Call(); ok == 0 {
		return fmt.Errorf("empty the clipboard: %w", err)
	}
	return a.put(wide)
}

// openWithin tries until no other program holds the clipboard, or ctx ends.
func (a api) openWithin(ctx context.Context) error {
	for {
		if ok, _, _ := a.open.Call(0); ok != 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.New("another program holds the clipboard")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// put copies the text into memory that is the clipboard's from then on.
func (a api) put(wide []uint16) error {
	size := uintptr(len(wide)) * 2
	memory, _, err := a.alloc.Call(memoryMovable, size)
	if memory == 0 {
		return fmt.Errorf("get memory for the clipboard: %w", err)
	}
	at, _, err := a.lock.Call(memory)
	if at == 0 {
		a.free.Call(memory)
		return fmt.Errorf("get memory for the clipboard: %w", err)
	}
	a.move.Call(at, uintptr(unsafe.Pointer(&wide[0])), size)
	a.unlock.Call(memory)
	if ok, _, err := a.set.Call(unicodeText, memory); ok == 0 {
		a.free.Call(memory)
		return fmt.Errorf("write the clipboard: %w", err)
	}
	return nil
}
