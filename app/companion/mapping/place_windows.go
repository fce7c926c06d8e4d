package mapping

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// Place is where the administrator of this PC writes: the registry.
type Place struct {
	Folder string // not used on Windows
	Owner  int    // not used on Windows
}

// view is the 64-bit registry, whatever this program was built for.
const view = registry.QUERY_VALUE | registry.ENUMERATE_SUB_KEYS | registry.READ | registry.WOW64_64KEY

// Commands reads the mapping. A PC without one has no commands.
func (p Place) Commands() (Commands, error) {
	var r Registry
	var err error
	if r.Policies, err = readCommands(registry.LOCAL_MACHINE, PoliciesKey, true); err != nil {
		return Commands{}, err
	}
	if r.Machine, err = readCommands(registry.LOCAL_MACHINE, MachineKey, true); err != nil {
		return Commands{}, err
	}
	if r.UserAllowed = userAllowed(); r.UserAllowed {
		if r.User, err = readCommands(registry.CURRENT_USER, MachineKey, false); err != nil {
			return Commands{}, err
		}
	}
	return FromRegistry(r), nil
}

// Server returns the server that the administrator has fixed, "" if none.
func (p Place) Server() (string, error) {
	for _, path := range []string{PoliciesKey, MachineKey} {
		k, err := openSafe(registry.LOCAL_MACHINE, path, true)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		server, _, err := k.GetStringValue(ServerValue)
		k.Close()
		if err == nil {
			return server, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf(`HKLM\%s, %s: %w`, path, ServerValue, err)
		}
	}
	return "", nil
}

func userAllowed() bool {
	for _, path := range []string{PoliciesKey, MachineKey} {
		k, err := openSafe(registry.LOCAL_MACHINE, path, true)
		if err != nil {
			continue
		}
		allowed, _, err := k.GetIntegerValue(AllowUser)
		k.Close()
		if err == nil {
			return allowed == 1
		}
	}
	return false
}

// readCommands returns what stands in the key Commands below path.
func readCommands(root registry.Key, path string, safe bool) ([]Value, error) {
	path += `\` + CommandsKey
	k, err := openSafe(root, path, safe)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer k.Close()
	names, err := k.ReadValueNames(-1)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	var all []Value
	for _, name := range names {
		all = append(all, text(k, name, name))
	}
	keys, err := k.ReadSubKeyNames(-1)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	for _, name := range keys {
		all = append(all, subKey(root, path+`\`+name, name, safe))
	}
	return all, nil
}

func subKey(root registry.Key, path, name string, safe bool) Value {
	k, err := openSafe(root, path, safe)
	if err != nil {
		return Value{Name: name, Fault: err}
	}
	defer k.Close()
	return text(k, "", name)
}

// text reads a value that has to be a plain text: what stands between two % would
// be filled in from the user's own environment.
func text(k registry.Key, value, name string) Value {
	s, typ, err := k.GetStringValue(value)
	if err == nil && typ != registry.SZ {
		err = errors.New("it is no plain text (REG_SZ)")
	}
	return Value{Name: name, Text: s, Fault: err}
}

// openSafe opens a key that only the administrator can write, if it has to be so.
func openSafe(root registry.Key, path string, safe bool) (registry.Key, error) {
	k, err := registry.OpenKey(root, path, view)
	if err != nil || !safe {
		return k, err
	}
	sd, err := windows.GetSecurityInfo(windows.Handle(k), windows.SE_REGISTRY_KEY, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err == nil {
		err = judge(`HKLM\`+path, sd, partLeaf)
	}
	if err != nil {
		k.Close()
		return 0, fmt.Errorf("mapping not safe: %w", err)
	}
	return k, nil
}

// Safe says why a file could have been put there by somebody else than the
// administrator: itself, or a folder above it.
func (p Place) Safe(path string) error {
	path = filepath.Clean(path)
	what := partLeaf
	for at := path; ; at = filepath.Dir(at) {
		info, err := os.Lstat(at)
		if err != nil {
			return err
		}
		if info.Mode()&(fs.ModeSymlink|fs.ModeIrregular) != 0 || what == partLeaf && !info.Mode().IsRegular() {
			return fmt.Errorf("%s is a link or no file; write where it leads", at)
		}
		sd, err := windows.GetNamedSecurityInfo(at, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
		if err != nil {
			return fmt.Errorf("read who may write %s: %w", at, err)
		}
		if err := judge(at, sd, what); err != nil {
			return err
		}
		if at == filepath.Dir(at) {
			return nil
		}
		what = min(what+1, partAbove)
	}
}

func judge(at string, sd *windows.SECURITY_DESCRIPTOR, what part) error {
	owner, _, err := sd.Owner()
	if err != nil {
		return fmt.Errorf("read the owner of %s: %w", at, err)
	}
	if !trusted(owner) {
		return fmt.Errorf("%s belongs to %s, not to the administrators", at, account(owner))
	}
	dacl, _, err := sd.DACL()
	if err != nil || dacl == nil {
		return fmt.Errorf("%s has no list of who may write it, so everybody may", at)
	}
	var list []ace
	for i := range uint32(dacl.AceCount) {
		var a *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(dacl, i, &a); err != nil {
			return fmt.Errorf("read who may write %s: %w", at, err)
		}
		one, err := read(a)
		if err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		list = append(list, one)
	}
	if who := writer(list, what); who != "" {
		return fmt.Errorf("%s can be written by %s; take that right away", at, who)
	}
	return nil
}

func read(a *windows.ACCESS_ALLOWED_ACE) (ace, error) {
	one := ace{allow: a.Header.AceType == windows.ACCESS_ALLOWED_ACE_TYPE, mask: uint32(a.Mask),
		inheritOnly: a.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0}
	if !one.allow && a.Header.AceType != windows.ACCESS_DENIED_ACE_TYPE {
		return one, fmt.Errorf("its list of rights has a line of kind %d, which nobody here can read", a.Header.AceType)
	}
	sid := (*windows.SID)(unsafe.Pointer(&a.SidStart))
	one.trusted, one.who = trusted(sid), account(sid)
	return one, nil
}

// trustedInstaller is the account that owns the files of Windows itself.
const trustedInstaller = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"

func trusted(sid *windows.SID) bool {
	return sid.IsWellKnown(windows.WinLocalSystemSid) || sid.IsWellKnown(windows.WinBuiltinAdministratorsSid) ||
		sid.String() == trustedInstaller
}

func account(sid *windows.SID) string {
	name, domain, _, err := sid.LookupAccount("")
	if err != nil {
		return sid.String()
	}
	return strings.TrimPrefix(domain+`\`+name, `\`)
}
