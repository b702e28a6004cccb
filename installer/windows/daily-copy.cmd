@echo off
rem Run once by the administrator, beside ejournal-server.exe: the daily copy, by the task scheduler of Windows.
rem It asks every three hours, so that a server which was off at night makes up for it; where the day has its copy, or
rem the rules of the school ask for none, the program does nothing.
schtasks /Create /F /TN "ejournal-server-daily" /RU "NT AUTHORITY\LocalService" /SC HOURLY /MO 3 /TR "\"%~dp0ejournal-server.exe\" backup --daily --data \"%ProgramData%\ejournal-server\""
