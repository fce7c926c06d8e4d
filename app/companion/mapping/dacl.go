//go:build !js

package mapping

// The rights of Windows that let somebody change a file, a folder or a registry
// key, or what lies in it.
const (
	rightWriteData   = 0x2 // of a folder: to add a file; of a key: to set a value
	rightAppendData  = 0x4 // of a folder: to add a folder; of a key: to add a key
	rightDeleteChild = 0x40
	rightDelete      = 0x10000
	rightWriteDACL   = 0x40000
	rightWriteOwner  = 0x80000
	rightGenericAll  = 0x10000000
	rightGenericWrit = 0x40000000
	rightMaximum     = 0x2000000
)

// ace is one line of a Windows access list.
type ace struct {
	allow       bool
	inheritOnly bool // it is for what is made below, not for the thing itself
	trusted     bool // it is about SYSTEM, Administrators or TrustedInstaller
	mask        uint32
	who         string
}

// part is how a thing on the way to a program matters.
type part int

const (
	partLeaf   part = iota // the program, the file or the key itself
	partFolder             // the folder it lies in: a library put there would be loaded
	partAbove              // a folder above that: it must not be exchanged
)

// writer returns who besides the administrator may change a thing, "" if nobody.
// Lines that deny are not counted for anything: the answer may be too strict.
func writer(list []ace, p part) string {
	bad := uint32(rightDelete | rightWriteDACL | rightWriteOwner | rightGenericAll | rightGenericWrit | rightMaximum)
	if p != partLeaf {
		bad |= rightDeleteChild
	}
	// Everybody may add folders to c:\; that alone changes nothing that is there.
	bad |= rightWriteData
	if p != partAbove {
		bad |= rightAppendData
	}
	for _, a := range list {
		if a.allow && !a.inheritOnly && !a.trusted && a.mask&bad != 0 {
			return a.who
		}
	}
	return ""
}
