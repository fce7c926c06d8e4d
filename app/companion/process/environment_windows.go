package process

import "golang.org/x/sys/windows"

// passed is what Windows programs take for granted.
var passed = []string{
	"ALLUSERSPROFILE", "APPDATA", "CommonProgramFiles", "CommonProgramFiles(x86)", "COMPUTERNAME", "HOMEDRIVE", "HOMEPATH",
	"LOCALAPPDATA", "LOGONSERVER", "NUMBER_OF_PROCESSORS", "OS", "PROCESSOR_ARCHITECTURE", "ProgramData", "ProgramFiles",
	"ProgramFiles(x86)", "PUBLIC", "SESSIONNAME", "SystemDrive", "TEMP", "TMP", "USERDOMAIN", "USERNAME", "USERPROFILE",
}

// fixed is what does not depend on the user. Windows itself says where it lies.
func fixed() map[string]string {
	all := map[string]string{"NoDefaultCurrentDirectoryInExePath": "1"}
	system, err := windows.GetSystemDirectory()
	if err != nil {
		return all
	}
	root, err := windows.GetSystemWindowsDirectory()
	if err != nil {
		return all
	}
	all["PATH"] = system + ";" + root + `;` + system + `\Wbem`
	all["SystemRoot"], all["windir"] = root, root
	return all
}
