; setup.exe of Hivelet, for one user. The new version is unpacked beside the old one and tried; only then is the old
; one asked to end, and the new one takes its place by a rename. Until then, and after any trouble, the old one stays.
;   /S                 without a window
;   /LOGIN=on|off      start Hivelet at login; without it, as it was
;   /NOSTART           do not open Hivelet afterwards
;   /D=FOLDER          where to (must come last)
; The uninstaller knows /S and, with it, /REMOVEDATA; without that the user's data stays.
; Exit codes: 0 done, 1 cancelled, 2 failed and nothing was changed, 3 a newer version is installed.
Unicode true
Target amd64-unicode
!include "facts.nsh"
SetCompressor ${COMPRESSOR}
!include "MUI2.nsh"
!include "LogicLib.nsh"
!include "FileFunc.nsh"
!include "WordFunc.nsh"
!include "x64.nsh"
!include "nsDialogs.nsh"

!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Hivelet"
!define PATHS_KEY "Software\Microsoft\Windows\CurrentVersion\App Paths\hivelet.exe"
!define SCHEME_KEY "Software\Classes\hivelet"

Name "Hivelet"
OutFile "${RESULT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\Hivelet"
InstallDirRegKey HKCU "${UNINSTALL_KEY}" "InstallLocation"
AllowSkipFiles off
ShowInstDetails nevershow
ShowUninstDetails nevershow
ManifestDPIAware true
BrandingText "Hivelet ${VERSION}"
VIProductVersion "${NUMBERS}"
VIAddVersionKey /LANG=0 "ProductName" "Hivelet"
VIAddVersionKey /LANG=0 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "FileDescription" "Hivelet Setup"
VIAddVersionKey /LANG=0 "CompanyName" "${PUBLISHER}"
VIAddVersionKey /LANG=0 "LegalCopyright" "MIT"

Var Installed ; the version that is there, "" when none is
Var Login ; on, off or keep
Var Checkbox
Var WasOpen
Var Step ; what a step of the program ended with
Var Data ; remove or keep
Var Keep

!define MUI_ICON "hivelet.ico"
!define MUI_UNICON "hivelet.ico"
!define MUI_ABORTWARNING
!define MUI_WELCOMEPAGE_TITLE "$(WelcomeTitle)"
!define MUI_WELCOMEPAGE_TEXT "$(WelcomeText)"
!insertmacro MUI_PAGE_WELCOME
Page custom ShowLogin LeaveLogin
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN
!define MUI_FINISHPAGE_RUN_FUNCTION OpenHivelet
!define MUI_FINISHPAGE_RUN_TEXT "$(OpenText)"
!define MUI_FINISHPAGE_TEXT "$(FinishText)"
!insertmacro MUI_PAGE_FINISH
UninstPage custom un.ShowData un.LeaveData
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"
!include "texts.nsh"

; Show a text, or write it where a silent setup is watched; then end. The old version was not touched.
!macro Fail text
  SetOutPath "$TEMP" ; a folder that is the present one cannot be removed
  RMDir /r "$INSTDIR\program.new"
  RMDir "$INSTDIR" ; only when empty: there was no version before
  MessageBox MB_OK|MB_ICONSTOP "${text}" /SD IDOK
  SetErrorLevel 2
  Quit
!macroend

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_OK|MB_ICONSTOP "$(Only64)" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  ReadRegStr $Installed HKCU "${UNINSTALL_KEY}" "DisplayVersion"
  ${IfNot} ${FileExists} "$INSTDIR\program\hivelet.exe"
  ${AndIfNot} ${FileExists} "$INSTDIR\program.old\hivelet.exe"
    StrCpy $Installed ""
  ${EndIf}
  ${If} $Installed != ""
    ${VersionCompare} "$Installed" "${VERSION}" $0
    ${If} $0 = 1
      MessageBox MB_OK|MB_ICONSTOP "$(Newer)" /SD IDOK
      SetErrorLevel 3
      Quit
    ${EndIf}
  ${EndIf}
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/LOGIN=" $Login
  ${If} ${Errors}
  ${OrIf} $Login != "on"
  ${AndIf} $Login != "off"
    StrCpy $Login "keep"
  ${EndIf}
FunctionEnd

Function ShowLogin
  ${If} $Installed != "" ; the preferences have it by now
    Abort
  ${EndIf}
  !insertmacro MUI_HEADER_TEXT "$(LoginTitle)" "$(LoginSubtitle)"
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateCheckbox} 0 0 100% 12u "$(LoginText)"
  Pop $Checkbox
  ${If} $Login == "on"
    ${NSD_Check} $Checkbox
  ${EndIf}
  ${NSD_CreateLabel} 12u 16u 95% 40u "$(LoginHint)"
  Pop $0
  nsDialogs::Show
FunctionEnd

Function LeaveLogin
  ${NSD_GetState} $Checkbox $0
  StrCpy $Login "off"
  ${If} $0 = ${BST_CHECKED}
    StrCpy $Login "on"
  ${EndIf}
FunctionEnd

Function OpenHivelet
  SetOutPath "$PROFILE"
  Exec '"$INSTDIR\program\hivelet.exe"'
FunctionEnd

Section
  SetShellVarContext current
  ; An installation that was interrupted between its two renames left the old version aside.
  ${IfNot} ${FileExists} "$INSTDIR\program\hivelet.exe"
  ${AndIf} ${FileExists} "$INSTDIR\program.old\hivelet.exe"
    RMDir /r "$INSTDIR\program"
    Rename "$INSTDIR\program.old" "$INSTDIR\program"
  ${EndIf}
  RMDir /r "$INSTDIR\program.new"
  RMDir /r "$INSTDIR\program.old"
  ClearErrors
  CreateDirectory "$INSTDIR\program.new"
  ${If} ${Errors}
    !insertmacro Fail "$(NoFolder)"
  ${EndIf}
  Call CheckSpace

  SetDetailsPrint textonly
  DetailPrint "$(Unpacking)"
  SetDetailsPrint none
  ClearErrors
  !include "files.nsh"
  ${If} ${Errors}
    !insertmacro Fail "$(NotUnpacked)"
  ${EndIf}
  SetOutPath "$TEMP"

  SetDetailsPrint textonly
  DetailPrint "$(Trying)"
  SetDetailsPrint none
  nsExec::Exec '"$INSTDIR\program.new\hivelet.com" --setup try'
  Pop $Step
  ${If} $Step != 0
    !insertmacro Fail "$(DoesNotRun)"
  ${EndIf}

  StrCpy $WasOpen "no"
  ${If} ${FileExists} "$INSTDIR\program\hivelet.exe"
    DetailPrint "$(Ending)"
    nsExec::Exec '"$INSTDIR\program.new\hivelet.com" --setup stop "$INSTDIR\program"'
    Pop $Step
    ${If} $Step = 10
      StrCpy $WasOpen "yes"
    ${EndIf}
    ClearErrors
    Rename "$INSTDIR\program" "$INSTDIR\program.old"
    ${If} ${Errors}
      !insertmacro Fail "$(InUse)"
    ${EndIf}
  ${EndIf}
  ClearErrors
  Rename "$INSTDIR\program.new" "$INSTDIR\program"
  ${If} ${Errors}
    Rename "$INSTDIR\program.old" "$INSTDIR\program"
    !insertmacro Fail "$(InUse)"
  ${EndIf}

  ClearErrors
  WriteUninstaller "$INSTDIR\uninstall.new.exe"
  ${IfNot} ${Errors}
    Delete "$INSTDIR\uninstall.exe"
    Rename "$INSTDIR\uninstall.new.exe" "$INSTDIR\uninstall.exe"
  ${EndIf}
  Delete "$INSTDIR\uninstall.new.exe"
  CreateShortcut "$SMPROGRAMS\Hivelet.lnk" "$INSTDIR\program\hivelet.exe" "" "" 0 SW_SHOWNORMAL "" "$(About)"
  WriteRegStr HKCU "${SCHEME_KEY}" "" "URL:Hivelet"
  WriteRegStr HKCU "${SCHEME_KEY}" "URL Protocol" ""
  WriteRegStr HKCU "${SCHEME_KEY}\DefaultIcon" "" "$INSTDIR\program\hivelet.exe,0"
  WriteRegStr HKCU "${SCHEME_KEY}\shell\open\command" "" '"$INSTDIR\program\hivelet.exe" "%1"'
  WriteRegStr HKCU "${PATHS_KEY}" "" "$INSTDIR\program\hivelet.exe"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "Hivelet"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\program\hivelet.exe,0"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "${PUBLISHER}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" ${KIB}
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1 ; running setup again repairs
  nsExec::Exec '"$INSTDIR\program\hivelet.com" --setup login $Login'
  Pop $Step
  RMDir /r "$INSTDIR\program.old"
  ${If} ${Silent}
  ${AndIf} $WasOpen == "yes"
    ${GetParameters} $0
    ClearErrors
    ${GetOptions} $0 "/NOSTART" $1
    ${If} ${Errors}
      Call OpenHivelet
    ${EndIf}
  ${EndIf}
SectionEnd

; The new version lies beside the old one for a while; NSIS itself looks at the disk only where a page shows it.
Function CheckSpace
  ${GetRoot} "$INSTDIR" $0
  ${DriveSpace} "$0\" "/D=F /S=M" $1
  IntOp $2 ${KIB} / 1024
  IntOp $2 $2 + 50
  ${If} $1 < $2
    !insertmacro Fail "$(NoSpace)"
  ${EndIf}
FunctionEnd

Function .onInstFailed ; a file that could not be written: the disk is full, or the user cancelled there
  SetOutPath "$TEMP"
  RMDir /r "$INSTDIR\program.new"
  RMDir "$INSTDIR"
FunctionEnd

Function un.onInit
  SetShellVarContext current
  StrCpy $Data "keep"
  ${If} ${Silent}
    ${GetParameters} $0
    ClearErrors
    ${GetOptions} $0 "/REMOVEDATA" $1
    ${IfNot} ${Errors}
      StrCpy $Data "remove"
    ${EndIf}
  ${EndIf}
FunctionEnd

Function un.ShowData
  !insertmacro MUI_HEADER_TEXT "$(DataTitle)" "$(DataSubtitle)"
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateRadioButton} 0 0 100% 12u "$(KeepText)"
  Pop $Keep
  ${NSD_Check} $Keep
  ${NSD_CreateLabel} 12u 14u 95% 24u "$(KeepHint)"
  Pop $0
  ${NSD_CreateRadioButton} 0 42u 100% 12u "$(RemoveText)"
  Pop $0
  ${NSD_CreateLabel} 12u 56u 95% 24u "$(RemoveHint)"
  Pop $0
  nsDialogs::Show
FunctionEnd

Function un.LeaveData
  ${NSD_GetState} $Keep $0
  ${If} $0 <> ${BST_CHECKED}
    StrCpy $Data "remove"
  ${EndIf}
FunctionEnd

Section "Uninstall"
  SetOutPath "$TEMP"
  ${IfNot} ${FileExists} "$INSTDIR\uninstall.exe" ; another folder than ours
    SetErrorLevel 2
    Quit
  ${EndIf}
  nsExec::Exec '"$INSTDIR\program\hivelet.com" --setup stop "$INSTDIR\program"'
  Pop $Step
  ${If} $Data == "remove"
    nsExec::Exec '"$INSTDIR\program\hivelet.com" remove-data --yes'
    Pop $Step
    ${If} $Step != 0
      MessageBox MB_OK|MB_ICONSTOP "$(DataStays)" /SD IDOK
      SetErrorLevel 2
      Quit
    ${EndIf}
  ${EndIf}
  nsExec::Exec '"$INSTDIR\program\hivelet.com" --setup forget "$INSTDIR\program"'
  Pop $Step
  ; What is in use cannot be renamed: better nothing is deleted than half of it.
  RMDir /r "$INSTDIR\program.old"
  ClearErrors
  Rename "$INSTDIR\program" "$INSTDIR\program.old"
  ${If} ${Errors}
    MessageBox MB_OK|MB_ICONEXCLAMATION "$(FilesStay)" /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  RMDir /r "$INSTDIR\program.old"
  RMDir /r "$INSTDIR\program.new"
  Delete "$SMPROGRAMS\Hivelet.lnk"
  DeleteRegKey HKCU "${SCHEME_KEY}"
  DeleteRegKey HKCU "${PATHS_KEY}"
  DeleteRegKey HKCU "${UNINSTALL_KEY}"
  DeleteRegKey /ifempty HKCU "Software\Microsoft\Windows\CurrentVersion\App Paths"
  DeleteRegKey /ifempty HKCU "Software\Microsoft\Windows\CurrentVersion\Uninstall"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  RMDir "$LOCALAPPDATA\Programs" ; only when empty, as all of these
SectionEnd
