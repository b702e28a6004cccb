; Windows installer of the workstation. Compiled anywhere NSIS runs; its payload is built on Windows (installer/README.md):
;   makensis -INPUTCHARSET UTF8 -DVERSION=0.1.0 -DPAYLOAD=<folder of the bundle> -DOUTFILE=<installer.exe> windows.nsi
Unicode true
SetCompressor /SOLID lzma

!ifndef VERSION
  !error "VERSION is not given"
!endif
!ifndef PAYLOAD
  !error "PAYLOAD is not given: the folder that PyInstaller made on Windows"
!endif
!ifndef OUTFILE
  !error "OUTFILE is not given"
!endif

!include MUI2.nsh
!include x64.nsh
!include WinVer.nsh

!define PROGRAM "ejournal-desktop.exe"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\ejournal-desktop"

Name "Классный журнал"
OutFile "${OUTFILE}"
InstallDir "$PROGRAMFILES64\ejournal"
; The shared folder for sealed work belongs to everybody on the PC, so the installer needs the administrator once.
RequestExecutionLevel admin
ManifestDPIAware true
BrandingText "ejournal ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "ejournal"
VIAddVersionKey "FileDescription" "Классный журнал: рабочее место"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "Apache-2.0"

!define MUI_ABORTWARNING
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}"
!define MUI_FINISHPAGE_RUN_TEXT "Открыть классный журнал"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "Russian"

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_ICONSTOP "Нужна 64-разрядная Windows 10 или новее. Ничего не установлено." /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  ${IfNot} ${AtLeastWin10}
    MessageBox MB_ICONSTOP "Нужна Windows 10 или новее. Ничего не установлено." /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  SetRegView 64
FunctionEnd

Function un.onInit
  SetRegView 64
FunctionEnd

Section "Программа"
  SetShellVarContext all
  ; An older version goes first, so that no file of it stays behind. Data are never kept in this folder.
  RMDir /r "$INSTDIR\_internal"
  SetOutPath "$INSTDIR"
  File /r "${PAYLOAD}/*"

  ; Sealed work that waits for delivery: everybody on this PC may add to it.
  CreateDirectory "$APPDATA\ejournal\outgoing"
  nsExec::ExecToLog 'icacls "$APPDATA\ejournal\outgoing" /grant *S-1-5-32-545:(OI)(CI)M'

  CreateShortcut "$SMPROGRAMS\Классный журнал.lnk" "$INSTDIR\${PROGRAM}"
  CreateShortcut "$DESKTOP\Классный журнал.lnk" "$INSTDIR\${PROGRAM}"

  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayName" "Классный журнал"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\${PROGRAM}"
  WriteRegStr HKLM "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKLM "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKLM "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKLM "${UNINSTALL_KEY}" "NoRepair" 1
SectionEnd

Section "Uninstall"
  SetShellVarContext all
  ; The journal itself lies in each account's own folder and the sealed work in the shared one: both stay.
  Delete "$SMPROGRAMS\Классный журнал.lnk"
  Delete "$DESKTOP\Классный журнал.lnk"
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\${PROGRAM}"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKLM "${UNINSTALL_KEY}"
SectionEnd
