<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>About</name>
    <message>
        <source>Build</source>
        <translation>Build</translation>
    </message>
    <message>
        <source>System</source>
        <translation>System</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy version and build</source>
        <translation>Version und Build kopieren</translation>
    </message>
    <message>
        <source>About Hivelet</source>
        <translation>Über Hivelet</translation>
    </message>
</context>
<context>
    <name>Activity</name>
    <message>
        <source>The engine&apos;s answer cannot be read. Is it another version?</source>
        <translation>Die Antwort der Engine ist nicht lesbar. Ist sie von einer anderen Version?</translation>
    </message>
    <message>
        <source>{file} could not be written: {reason}.</source>
        <translation>{file} konnte nicht geschrieben werden: {reason}.</translation>
    </message>
    <message>
        <source>Written to {file}.</source>
        <translation>In {file} gespeichert.</translation>
    </message>
    <message>
        <source>Not to be read</source>
        <translation>Nicht lesbar</translation>
    </message>
    <message>
        <source>One moment</source>
        <translation>Einen Moment</translation>
    </message>
    <message>
        <source>Asking the engine what it recorded…</source>
        <translation>Die Engine wird gefragt, was sie aufgezeichnet hat …</translation>
    </message>
    <message>
        <source>Day</source>
        <translation>Tag</translation>
    </message>
    <message>
        <source>Week</source>
        <translation>Woche</translation>
    </message>
    <message>
        <source>Month</source>
        <translation>Monat</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alles</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>Beispiele</translation>
    </message>
    <message>
        <source>GFLOP·h</source>
        <translation>GFLOP·h</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Electricity</source>
        <translation>Strom</translation>
    </message>
    <message>
        <source>Traffic</source>
        <translation>Datenverkehr</translation>
    </message>
    <message>
        <source>{figure} a second</source>
        <translation>{figure} je Sekunde</translation>
    </message>
    <message>
        <source>{figure} GFLOP/s</source>
        <translation>{figure} GFLOP/s</translation>
    </message>
    <message>
        <source>of {time} running</source>
        <translation>von {time} Laufzeit</translation>
    </message>
    <message>
        <source>estimated: {figure} W</source>
        <translation>geschätzt: {figure} W</translation>
    </message>
    <message>
        <source>Samples served</source>
        <translation>Bediente Beispiele</translation>
    </message>
    <message>
        <source>Contributed</source>
        <translation>Beigetragen</translation>
    </message>
    <message>
        <source>At work</source>
        <translation>Bei der Arbeit</translation>
    </message>
    <message>
        <source>Nothing was recorded in this time yet.</source>
        <translation>In dieser Zeit wurde noch nichts aufgezeichnet.</translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>loss</source>
        <translation>Verlust</translation>
    </message>
    <message>
        <source>The model&apos;s progress appears here when it was measured twice.</source>
        <translation>Der Fortschritt des Modells erscheint hier, sobald er zweimal gemessen wurde.</translation>
    </message>
    <message>
        <source>samples</source>
        <translation>Beispiele</translation>
    </message>
    <message>
        <source>five minutes a bar</source>
        <translation>fünf Minuten je Balken</translation>
    </message>
    <message>
        <source>an hour a bar</source>
        <translation>eine Stunde je Balken</translation>
    </message>
    <message>
        <source>six hours a bar</source>
        <translation>sechs Stunden je Balken</translation>
    </message>
    <message>
        <source>a day a bar</source>
        <translation>ein Tag je Balken</translation>
    </message>
</context>
<context>
    <name>ActivityPage</name>
    <message>
        <source>Activity</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Time shown</source>
        <translation>Gezeigte Zeit</translation>
    </message>
    <message>
        <source>What the bars show</source>
        <translation>Was die Balken zeigen</translation>
    </message>
    <message>
        <source>Export CSV…</source>
        <translation>CSV speichern …</translation>
    </message>
    <message>
        <source>The model</source>
        <translation>Das Modell</translation>
    </message>
    <message>
        <source>Nothing held work in this time.</source>
        <translation>In dieser Zeit wurde nichts angehalten.</translation>
    </message>
    <message>
        <source>Export activity</source>
        <translation>Verlauf speichern</translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation>Tabellen (*.csv)</translation>
    </message>
    <message>
        <source>The model learns</source>
        <translation>Das Modell lernt</translation>
    </message>
    <message>
        <source>What held work</source>
        <translation>Was die Arbeit anhielt</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Dismiss</source>
        <translation>Verstanden</translation>
    </message>
    <message>
        <source>Restart it now</source>
        <translation>Jetzt neu starten</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>{problem} Starting it again…</source>
        <translation>{problem} Sie wird neu gestartet …</translation>
    </message>
    <message>
        <source>{problem} It was started again.</source>
        <translation>{problem} Sie wurde neu gestartet.</translation>
    </message>
    <message>
        <source>{problem} It was started again ({times} times in a row).</source>
        <translation>{problem} Sie wurde neu gestartet ({times}-mal nacheinander).</translation>
    </message>
    <message>
        <source>What happened…</source>
        <translation>Was geschah …</translation>
    </message>
</context>
<context>
    <name>Causes</name>
    <message>
        <source>on battery</source>
        <translation>auf Akku</translation>
    </message>
    <message>
        <source>battery low</source>
        <translation>Akku schwach</translation>
    </message>
    <message>
        <source>too hot</source>
        <translation>zu heiß</translation>
    </message>
    <message>
        <source>little memory</source>
        <translation>wenig Speicher</translation>
    </message>
    <message>
        <source>little disk space</source>
        <translation>wenig Plattenplatz</translation>
    </message>
    <message>
        <source>metered network</source>
        <translation>getaktetes Netz</translation>
    </message>
    <message>
        <source>traffic used up</source>
        <translation>Datenmenge verbraucht</translation>
    </message>
    <message>
        <source>schedule</source>
        <translation>Zeitplan</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>in Benutzung</translation>
    </message>
    <message>
        <source>fullscreen program</source>
        <translation>Vollbildprogramm</translation>
    </message>
    <message>
        <source>listed program</source>
        <translation>gelistetes Programm</translation>
    </message>
    <message>
        <source>other programs busy</source>
        <translation>andere Programme rechnen</translation>
    </message>
    <message>
        <source>a newer version is needed</source>
        <translation>eine neuere Version wird gebraucht</translation>
    </message>
    <message>
        <source>paused by you</source>
        <translation>von Ihnen angehalten</translation>
    </message>
    <message>
        <source>mode is paused</source>
        <translation>Modus ist angehalten</translation>
    </message>
    <message>
        <source>budget of 0 %</source>
        <translation>Budget von 0 %</translation>
    </message>
</context>
<context>
    <name>Chart</name>
    <message>
        <source>The first minutes of work will be drawn here.</source>
        <translation>Die ersten Minuten der Arbeit werden hier gezeichnet.</translation>
    </message>
    <message>
        <source>samples/s</source>
        <translation>Beispiele/s</translation>
    </message>
    <message>
        <source>The model&apos;s progress appears after its first training steps.</source>
        <translation>Der Fortschritt des Modells erscheint nach den ersten Trainingsschritten.</translation>
    </message>
    <message>
        <source>bits per byte</source>
        <translation>Bits je Byte</translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>not running</source>
        <translation>läuft nicht</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>on hold</source>
        <translation>ruht</translation>
    </message>
    <message>
        <source>error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>{what} since {time}</source>
        <translation>{what} seit {time}</translation>
    </message>
    <message>
        <source>last hour</source>
        <translation>letzte Stunde</translation>
    </message>
    <message>
        <source>last {time}</source>
        <translation>letzte {time}</translation>
    </message>
</context>
<context>
    <name>Contribution</name>
    <message>
        <source>Today</source>
        <translation>Heute</translation>
    </message>
    <message>
        <source>7 days</source>
        <translation>7 Tage</translation>
    </message>
    <message>
        <source>In all</source>
        <translation>Insgesamt</translation>
    </message>
    <message>
        <source>Samples served</source>
        <translation>Bediente Beispiele</translation>
    </message>
    <message>
        <source>Contributed</source>
        <translation>Beigetragen</translation>
    </message>
    <message>
        <source>Time given</source>
        <translation>Gegebene Zeit</translation>
    </message>
    <message>
        <source>Electricity</source>
        <translation>Strom</translation>
    </message>
    <message>
        <source>estimated</source>
        <translation>geschätzt</translation>
    </message>
    <message>
        <source>estimated: {figure} GFLOP·h/kWh</source>
        <translation>geschätzt: {figure} GFLOP·h/kWh</translation>
    </message>
    <message>
        <source>since Hivelet was installed</source>
        <translation>seit Hivelet installiert ist</translation>
    </message>
    <message>
        <source>{value} in 7 days</source>
        <translation>{value} in 7 Tagen</translation>
    </message>
    <message>
        <source>{value} in all</source>
        <translation>{value} insgesamt</translation>
    </message>
</context>
<context>
    <name>Copy</name>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
    <message>
        <source>Copy: {name}</source>
        <translation>Kopieren: {name}</translation>
    </message>
</context>
<context>
    <name>Core</name>
    <message>
        <source>Computer</source>
        <translation>Computer</translation>
    </message>
    <message>
        <source>While you use it</source>
        <translation>Während Sie ihn benutzen</translation>
    </message>
    <message>
        <source>Guards</source>
        <translation>Schutz</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>System</source>
        <translation>System</translation>
    </message>
    <message>
        <source>Window</source>
        <translation>Fenster</translation>
    </message>
    <message>
        <source>what the engine may use</source>
        <translation>was die Engine nutzen darf</translation>
    </message>
    <message>
        <source>they hold in every mode</source>
        <translation>gilt in jedem Modus</translation>
    </message>
    <message>
        <source>what may travel</source>
        <translation>was hinaus und herein darf</translation>
    </message>
    <message>
        <source>beside computing</source>
        <translation>neben dem Rechnen</translation>
    </message>
    <message>
        <source>this window</source>
        <translation>dieses Fenster</translation>
    </message>
    <message>
        <source>Gentle</source>
        <translation>Sanft</translation>
    </message>
    <message>
        <source>Balanced</source>
        <translation>Ausgewogen</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>Alles</translation>
    </message>
    <message>
        <source>Whether somebody uses the computer</source>
        <translation>Ob jemand den Computer benutzt</translation>
    </message>
    <message>
        <source>Whether a program fills the screen</source>
        <translation>Ob ein Programm den Bildschirm füllt</translation>
    </message>
    <message>
        <source>Whether the network is metered</source>
        <translation>Ob das Netz getaktet ist</translation>
    </message>
    <message>
        <source>Temperature of the processor</source>
        <translation>Temperatur des Prozessors</translation>
    </message>
    <message>
        <source>What other programs take of the processor</source>
        <translation>Was andere Programme vom Prozessor nehmen</translation>
    </message>
    <message>
        <source>Which of the listed programs run</source>
        <translation>Welche der gelisteten Programme laufen</translation>
    </message>
    <message>
        <source>Mode</source>
        <translation>Modus</translation>
    </message>
    <message>
        <source>auto follows every rule, always only the guards.</source>
        <translation>Auto folgt jeder Regel, Immer nur dem Schutz.</translation>
    </message>
    <message>
        <source>Auto</source>
        <translation>Auto</translation>
    </message>
    <message>
        <source>Always</source>
        <translation>Immer</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>How much of all cores together the engine may use. It keeps to this by pausing between batches.</source>
        <translation>Wie viel von allen Kernen zusammen die Engine nutzen darf. Sie hält sich daran, indem sie zwischen Stapeln ruht.</translation>
    </message>
    <message>
        <source>Processor while in use</source>
        <translation>Prozessor bei Benutzung</translation>
    </message>
    <message>
        <source>The same while you use the computer. 0: compute only when nobody uses it.</source>
        <translation>Dasselbe, während Sie den Computer benutzen. 0: nur rechnen, wenn ihn niemand benutzt.</translation>
    </message>
    <message>
        <source>Threads</source>
        <translation>Threads</translation>
    </message>
    <message>
        <source>On how many cores one computation may run at once. 0 lets Hivelet choose.</source>
        <translation>Auf wie vielen Kernen eine Berechnung zugleich laufen darf. Bei 0 wählt Hivelet.</translation>
    </message>
    <message>
        <source>automatic</source>
        <translation>automatisch</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Main memory that the hosted experts may take.</source>
        <translation>Arbeitsspeicher, den die Experten hier einnehmen dürfen.</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>Platte</translation>
    </message>
    <message>
        <source>Room on the disk that saved experts may take; fewer are hosted when it is too small for more.</source>
        <translation>Plattenplatz für gespeicherte Experten; ist er zu klein, werden weniger aufgenommen.</translation>
    </message>
    <message>
        <source>Graphics card</source>
        <translation>Grafikkarte</translation>
    </message>
    <message>
        <source>Compute on a graphics card with CUDA when there is one.</source>
        <translation>Auf einer Grafikkarte mit CUDA rechnen, wenn eine da ist.</translation>
    </message>
    <message>
        <source>Graphics card&apos;s time</source>
        <translation>Zeit der Grafikkarte</translation>
    </message>
    <message>
        <source>How much of the time hosted experts may keep each graphics card busy. It rests between batches.</source>
        <translation>Wie lange die Experten jede Grafikkarte beschäftigen dürfen. Sie ruht zwischen den Stapeln.</translation>
    </message>
    <message>
        <source>Time of single cards</source>
        <translation>Zeit einzelner Karten</translation>
    </message>
    <message>
        <source>The same for single graphics cards, for example cuda:0=50, cuda:1=100.</source>
        <translation>Dasselbe für einzelne Grafikkarten, zum Beispiel cuda:0=50, cuda:1=100.</translation>
    </message>
    <message>
        <source>as above</source>
        <translation>wie oben</translation>
    </message>
    <message>
        <source>Graphics memory</source>
        <translation>Grafikspeicher</translation>
    </message>
    <message>
        <source>How much of each graphics card&apos;s memory the hosted experts may take.</source>
        <translation>Wie viel vom Speicher jeder Grafikkarte die Experten einnehmen dürfen.</translation>
    </message>
    <message>
        <source>Experts</source>
        <translation>Experten</translation>
    </message>
    <message>
        <source>How many experts to host at most. 0: as many as fit.</source>
        <translation>Wie viele Experten höchstens hier leben. 0: so viele, wie passen.</translation>
    </message>
    <message>
        <source>Train</source>
        <translation>Trainieren</translation>
    </message>
    <message>
        <source>Run training batches too. Without it, this computer only hosts experts for others.</source>
        <translation>Auch Trainingsstapel rechnen. Ohne das beherbergt dieser Computer nur Experten für andere.</translation>
    </message>
    <message>
        <source>Idle after</source>
        <translation>Untätig nach</translation>
    </message>
    <message>
        <source>The computer counts as in use until keyboard and mouse have rested for so long.</source>
        <translation>Der Computer gilt als benutzt, bis Tastatur und Maus so lange geruht haben.</translation>
    </message>
    <message>
        <source>Ramp</source>
        <translation>Anstieg</translation>
    </message>
    <message>
        <source>How long it takes from the level in use to the full one; your first key press brings it back at once.</source>
        <translation>Wie lange es von der Stufe bei Benutzung bis zur vollen dauert; Ihr erster Tastendruck holt sie sofort zurück.</translation>
    </message>
    <message>
        <source>at once</source>
        <translation>sofort</translation>
    </message>
    <message>
        <source>Wait for fullscreen programs</source>
        <translation>Vollbildprogrammen weichen</translation>
    </message>
    <message>
        <source>Compute nothing while a game, a film or a presentation fills the screen.</source>
        <translation>Nichts rechnen, während ein Spiel, ein Film oder eine Präsentation den Bildschirm füllt.</translation>
    </message>
    <message>
        <source>Wait for programs</source>
        <translation>Programmen weichen</translation>
    </message>
    <message>
        <source>Compute nothing while one of these programs runs, for example blender, steam.</source>
        <translation>Nichts rechnen, während eines dieser Programme läuft, zum Beispiel blender, steam.</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>A part of the engine stopped unexpectedly; the log says more. Restart it.</source>
        <translation>Ein Teil der Engine ist unerwartet stehen geblieben; das Protokoll sagt mehr. Starten Sie sie neu.</translation>
    </message>
    <message>
        <source>It would be faster to forward the TCP ports {ports} on your router to this computer.</source>
        <translation>Schneller wäre es, im Router die TCP-Ports {ports} an diesen Computer weiterzuleiten.</translation>
    </message>
    <message>
        <source>Your router has no public address of its own, as when a provider shares one among many homes. Ask your provider for IPv6 or for a public IPv4 address.</source>
        <translation>Ihr Router hat keine eigene öffentliche Adresse, wie wenn ein Anbieter eine unter vielen Haushalten teilt. Bitten Sie Ihren Anbieter um IPv6 oder um eine öffentliche IPv4-Adresse.</translation>
    </message>
    <message>
        <source>Allow Hivelet to ask your router for open ports (preference port_mapping), or forward the TCP ports {ports} on your router to this computer.</source>
        <translation>Erlauben Sie Hivelet, Ihren Router um offene Ports zu bitten (Einstellung port_mapping), oder leiten Sie im Router die TCP-Ports {ports} an diesen Computer weiter.</translation>
    </message>
    <message>
        <source>Switch on UPnP or NAT-PMP in your router&apos;s settings, or forward the TCP ports {ports} on your router to this computer.</source>
        <translation>Schalten Sie in den Einstellungen Ihres Routers UPnP oder NAT-PMP ein, oder leiten Sie dort die TCP-Ports {ports} an diesen Computer weiter.</translation>
    </message>
    <message>
        <source>Only programs on this computer can reach this one.</source>
        <translation>Nur Programme auf diesem Computer können diesen hier erreichen.</translation>
    </message>
    <message>
        <source>Other computers reach this one through helpers, which is slower.</source>
        <translation>Andere Computer erreichen diesen über Helfer, was langsamer ist.</translation>
    </message>
    <message>
        <source>Other computers cannot reach this one, so it calls them.</source>
        <translation>Andere Computer können diesen nicht erreichen, deshalb ruft er sie an.</translation>
    </message>
    <message>
        <source>Other computers are being asked whether they can reach this one.</source>
        <translation>Andere Computer werden gefragt, ob sie diesen erreichen können.</translation>
    </message>
    <message>
        <source>Computers in this home can reach this one; nobody outside has been met yet.</source>
        <translation>Computer in diesem Haushalt können diesen erreichen; draußen wurde noch niemand getroffen.</translation>
    </message>
    <message>
        <source>Other computers can reach this one directly.</source>
        <translation>Andere Computer können diesen direkt erreichen.</translation>
    </message>
    <message>
        <source>Other computers can reach this one directly: your router opened ports for it.</source>
        <translation>Andere Computer können diesen direkt erreichen: Ihr Router hat Ports für ihn geöffnet.</translation>
    </message>
    <message>
        <source>no project</source>
        <translation>kein Projekt</translation>
    </message>
    <message>
        <source>Starting: loading and measuring this computer.</source>
        <translation>Startet: lädt und misst diesen Computer.</translation>
    </message>
    <message>
        <source>Working alone on {title} until another peer is found.</source>
        <translation>Arbeitet allein an {title}, bis ein anderer Peer gefunden ist.</translation>
    </message>
    <message>
        <source>Training {title} with {peers} other peers; {hosted} experts live on this computer.</source>
        <translation>Trainiert {title} mit {peers} anderen Peers; {hosted} Experten leben auf diesem Computer.</translation>
    </message>
    <message>
        <source>Paused: nothing is computed.</source>
        <translation>Angehalten: Es wird nichts gerechnet.</translation>
    </message>
    <message>
        <source>Waiting for a newer Hivelet, which this project needs.</source>
        <translation>Wartet auf ein neueres Hivelet, das dieses Projekt braucht.</translation>
    </message>
    <message>
        <source>Holding work to protect this computer.</source>
        <translation>Hält die Arbeit an, um diesen Computer zu schützen.</translation>
    </message>
    <message>
        <source>Finishing the work under way, then stopping.</source>
        <translation>Beendet die laufende Arbeit und hört dann auf.</translation>
    </message>
    <message>
        <source>Stopping.</source>
        <translation>Hört auf.</translation>
    </message>
    <message>
        <source>Training {title} with 1 other peer; {hosted} experts live on this computer.</source>
        <translation>Trainiert {title} mit 1 anderen Peer; {hosted} Experten leben auf diesem Computer.</translation>
    </message>
    <message>
        <source>The engine has no project yet; it is still starting.</source>
        <translation>Die Engine hat noch kein Projekt; sie startet noch.</translation>
    </message>
    <message>
        <source>{project} needs Hivelet {needed} or newer; this is {own}</source>
        <translation>{project} braucht Hivelet {needed} oder neuer; dies ist {own}</translation>
    </message>
    <message>
        <source>Choose another project</source>
        <translation>Anderes Projekt wählen</translation>
    </message>
    <message>
        <source>See the new version</source>
        <translation>Neue Version ansehen</translation>
    </message>
    <message>
        <source>Another text is being written; wait for its end, or stop it.</source>
        <translation>Ein anderer Text wird gerade geschrieben; warten Sie sein Ende ab, oder halten Sie ihn an.</translation>
    </message>
    <message>
        <source>A text has 1 to {most} bytes, its prompt at most {letters} letters.</source>
        <translation>Ein Text hat 1 bis {most} Bytes, sein Anfang höchstens {letters} Buchstaben.</translation>
    </message>
    <message>
        <source>This text is no longer kept; another one was written since.</source>
        <translation>Dieser Text wird nicht mehr aufbewahrt; seither wurde ein anderer geschrieben.</translation>
    </message>
    <message>
        <source>The computer cannot be kept awake ({cause}).</source>
        <translation>Der Computer kann nicht wach gehalten werden ({cause}).</translation>
    </message>
    <message>
        <source>this system does not let programs do so</source>
        <translation>dieses System lässt Programme das nicht tun</translation>
    </message>
    <message>
        <source>So no expert fits. Allow more memory, or join a project with smaller experts.</source>
        <translation>Deshalb passt kein Experte. Erlauben Sie mehr Speicher, oder treten Sie einem Projekt mit kleineren Experten bei.</translation>
    </message>
    <message>
        <source>The project has no experts.</source>
        <translation>Das Projekt hat keine Experten.</translation>
    </message>
    <message>
        <source>The graphics card {name} cannot be opened ({reason}).</source>
        <translation>Die Grafikkarte {name} lässt sich nicht öffnen ({reason}).</translation>
    </message>
    <message>
        <source>The graphics driver does not work ({reason}).</source>
        <translation>Der Grafiktreiber arbeitet nicht ({reason}).</translation>
    </message>
    <message>
        <source>Not measured yet.</source>
        <translation>Noch nicht gemessen.</translation>
    </message>
    <message>
        <source>Estimated: computing time, at {watts} W for all cores at full load.</source>
        <translation>Geschätzt: Rechenzeit, bei {watts} W für alle Kerne unter voller Last.</translation>
    </message>
    <message>
        <source>Measured by the processor, shared by computing time.</source>
        <translation>Vom Prozessor gemessen, nach Rechenzeit aufgeteilt.</translation>
    </message>
    <message>
        <source>The graphics card {label} ({name}) has {free} MB of free memory and {needed} MB are needed, so it is left out. Close other programs that use it.</source>
        <translation>Die Grafikkarte {label} ({name}) hat {free} MB freien Speicher, gebraucht werden {needed} MB; deshalb bleibt sie außen vor. Schließen Sie andere Programme, die sie benutzen.</translation>
    </message>
    <message>
        <source>{error} The processor is used instead.</source>
        <translation>{error} Stattdessen wird der Prozessor benutzt.</translation>
    </message>
    <message>
        <source>{error} It is left out.</source>
        <translation>{error} Sie bleibt außen vor.</translation>
    </message>
    <message>
        <source>The graphics card {card} is not used: this Hivelet has the small PyTorch, for processors alone. installers/README.md (Graphics cards) says how to get the larger one.</source>
        <translation>Die Grafikkarte {card} wird nicht benutzt: dieses Hivelet hat das kleine PyTorch, nur für Prozessoren. installers/README.md (Graphics cards) sagt, wie man das größere bekommt.</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Allow 25 %</source>
        <translation>25 % erlauben</translation>
    </message>
    <message>
        <source>you paused it until {time:clock}</source>
        <translation>von Ihnen angehalten bis {time:clock}</translation>
    </message>
    <message>
        <source>slowed to {cool:percent} of that, to keep the processor at {target:celsius}</source>
        <translation>auf {cool:percent} davon gebremst, um den Prozessor bei {target:celsius} zu halten</translation>
    </message>
    <message>
        <source>you paused it until the engine is started again</source>
        <translation>von Ihnen angehalten, bis die Engine wieder gestartet wird</translation>
    </message>
    <message>
        <source>you paused it until you resume</source>
        <translation>von Ihnen angehalten, bis Sie fortsetzen</translation>
    </message>
    <message>
        <source>the mode is paused</source>
        <translation>der Modus ist „angehalten“</translation>
    </message>
    <message>
        <source>the budget is 0 %</source>
        <translation>das Budget ist 0 %</translation>
    </message>
    <message>
        <source>your schedule leaves {level:percent} of that in this hour</source>
        <translation>Ihr Zeitplan lässt in dieser Stunde {level:percent} davon</translation>
    </message>
    <message>
        <source>{share:percent} while you use the computer</source>
        <translation>{share:percent}, solange Sie den Computer benutzen</translation>
    </message>
    <message>
        <source>{share:percent}, and more the longer it rests</source>
        <translation>{share:percent}, und mehr, je länger er ruht</translation>
    </message>
    <message>
        <source>Work anyway</source>
        <translation>Trotzdem arbeiten</translation>
    </message>
    <message>
        <source>the battery is at {level:percent}, until charged to {enough:percent}</source>
        <translation>der Akku ist bei {level:percent}, bis er auf {enough:percent} geladen ist</translation>
    </message>
    <message>
        <source>the processor is at {now:celsius}, and work waits until it is below {cool:celsius}</source>
        <translation>der Prozessor hat {now:celsius}, und die Arbeit wartet, bis er unter {cool:celsius} ist</translation>
    </message>
    <message>
        <source>{used:gigabytes} of this month&apos;s {cap:gigabytes} of traffic are used</source>
        <translation>{used:gigabytes} der {cap:gigabytes} Datenverkehr dieses Monats sind verbraucht</translation>
    </message>
    <message>
        <source>you use the computer, and work waits until it has rested for {after:number} min</source>
        <translation>Sie benutzen den Computer, und die Arbeit wartet, bis er {after:number} min geruht hat</translation>
    </message>
    <message>
        <source>other programs use {now:percent} of the processor, and at most {limit:percent} is calm</source>
        <translation>andere Programme brauchen {now:percent} des Prozessors, und ruhig sind höchstens {limit:percent}</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>Ändern …</translation>
    </message>
    <message>
        <source>the computer was on battery until just now</source>
        <translation>der Computer lief bis eben mit Akku</translation>
    </message>
    <message>
        <source>only {free:gigabytes} of memory are free, and {limit:gigabytes} must stay free for other programs</source>
        <translation>nur {free:gigabytes} Arbeitsspeicher sind frei, und {limit:gigabytes} müssen für andere Programme frei bleiben</translation>
    </message>
    <message>
        <source>only {free:gigabytes} of disk space are free, and {limit:gigabytes} must stay free for other programs</source>
        <translation>nur {free:gigabytes} auf der Platte sind frei, und {limit:gigabytes} müssen für andere Programme frei bleiben</translation>
    </message>
    <message>
        <source>the network is metered</source>
        <translation>das Netz wird nach Volumen bezahlt</translation>
    </message>
    <message>
        <source>the network was metered until just now</source>
        <translation>das Netz wurde bis eben nach Volumen bezahlt</translation>
    </message>
    <message>
        <source>your schedule leaves this hour free</source>
        <translation>Ihr Zeitplan lässt diese Stunde frei</translation>
    </message>
    <message>
        <source>Work gently meanwhile</source>
        <translation>So lange behutsam arbeiten</translation>
    </message>
    <message>
        <source>a program fills the screen</source>
        <translation>ein Programm füllt den Bildschirm</translation>
    </message>
    <message>
        <source>a program filled the screen until just now</source>
        <translation>ein Programm füllte bis eben den Bildschirm</translation>
    </message>
    <message>
        <source>the computer runs on battery</source>
        <translation>der Computer läuft mit Akku</translation>
    </message>
    <message>
        <source>the computer runs on battery ({level:percent})</source>
        <translation>der Computer läuft mit Akku ({level:percent})</translation>
    </message>
    <message>
        <source>a program that you listed ran until just now</source>
        <translation>ein Programm Ihrer Liste lief bis eben</translation>
    </message>
    <message>
        <source>{program} runs</source>
        <translation>{program} läuft</translation>
    </message>
    <message>
        <source>Ignore {program}</source>
        <translation>{program} übergehen</translation>
    </message>
    <message>
        <source>{programs} run</source>
        <translation>{programs} laufen</translation>
    </message>
    <message>
        <source>Ignore them</source>
        <translation>Übergehen</translation>
    </message>
    <message>
        <source>Work on battery too</source>
        <translation>Auch mit Akku arbeiten</translation>
    </message>
    <message>
        <source>Work at any charge</source>
        <translation>Bei jedem Ladestand arbeiten</translation>
    </message>
    <message>
        <source>Work on metered networks too</source>
        <translation>Auch in bezahlten Netzen arbeiten</translation>
    </message>
    <message>
        <source>{first} {second}</source>
        <translation>{first} {second}</translation>
    </message>
    <message>
        <source>This computer shows no sensor for the processor.</source>
        <translation>Dieser Computer zeigt keinen Sensor für den Prozessor.</translation>
    </message>
    <message>
        <source>Measured over ten seconds.</source>
        <translation>Über zehn Sekunden gemessen.</translation>
    </message>
    <message>
        <source>{count} kinds of programs run.</source>
        <translation>{count} Arten von Programmen laufen.</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>nobody</source>
        <translation>niemand</translation>
    </message>
    <message>
        <source>Not measured for long enough yet.</source>
        <translation>Noch nicht lange genug gemessen.</translation>
    </message>
    <message>
        <source>No programs are listed.</source>
        <translation>Es sind keine Programme aufgelistet.</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>ja</translation>
    </message>
    <message>
        <source>no</source>
        <translation>nein</translation>
    </message>
    <message>
        <source>This system shows its temperature to drivers alone.</source>
        <translation>Dieses System zeigt seine Temperatur nur Treibern.</translation>
    </message>
    <message>
        <source>The sensors cannot be read ({reason}).</source>
        <translation>Die Sensoren lassen sich nicht lesen ({reason}).</translation>
    </message>
    <message>
        <source>The sensor {name} tells.</source>
        <translation>Der Sensor {name} sagt es.</translation>
    </message>
    <message>
        <source>The login manager tells, after the screen saver has started.</source>
        <translation>Die Anmeldeverwaltung sagt es, sobald der Bildschirmschoner läuft.</translation>
    </message>
    <message>
        <source>NetworkManager does not know.</source>
        <translation>NetworkManager weiß es nicht.</translation>
    </message>
    <message>
        <source>NetworkManager tells.</source>
        <translation>NetworkManager sagt es.</translation>
    </message>
    <message>
        <source>The X server tells.</source>
        <translation>Der X-Server sagt es.</translation>
    </message>
    <message>
        <source>The Wayland compositor tells, after a minute without input.</source>
        <translation>Der Wayland-Compositor sagt es, nach einer Minute ohne Eingabe.</translation>
    </message>
    <message>
        <source>GNOME tells.</source>
        <translation>GNOME sagt es.</translation>
    </message>
    <message>
        <source>The window manager tells.</source>
        <translation>Die Fensterverwaltung sagt es.</translation>
    </message>
    <message>
        <source>No window manager is there to tell.</source>
        <translation>Es gibt keine Fensterverwaltung, die es sagen könnte.</translation>
    </message>
    <message>
        <source>GNOME tells whether a program keeps the screen awake.</source>
        <translation>GNOME sagt, ob ein Programm den Bildschirm wach hält.</translation>
    </message>
    <message>
        <source>The desktop tells whether a program keeps the screen awake.</source>
        <translation>Die Arbeitsumgebung sagt, ob ein Programm den Bildschirm wach hält.</translation>
    </message>
    <message>
        <source>{system}: {reason}.</source>
        <translation>{system}: {reason}.</translation>
    </message>
    <message>
        <source>The login manager tells.</source>
        <translation>Die Anmeldeverwaltung sagt es.</translation>
    </message>
    <message>
        <source>macOS tells.</source>
        <translation>macOS sagt es.</translation>
    </message>
    <message>
        <source>This is not macOS.</source>
        <translation>Dies ist nicht macOS.</translation>
    </message>
    <message>
        <source>macOS does not tell when it was used last.</source>
        <translation>macOS sagt nicht, wann es zuletzt benutzt wurde.</translation>
    </message>
    <message>
        <source>macOS does not tell programs like this one.</source>
        <translation>macOS sagt es Programmen wie diesem nicht.</translation>
    </message>
    <message>
        <source>idle for {seconds} s</source>
        <translation>seit {seconds} s unbenutzt</translation>
    </message>
    <message>
        <source>{value:celsius}</source>
        <translation>{value:celsius}</translation>
    </message>
    <message>
        <source>{value:percent}</source>
        <translation>{value:percent}</translation>
    </message>
    <message>
        <source>No desktop and no login manager: nobody sits at this computer.</source>
        <translation>Keine Arbeitsumgebung und keine Anmeldeverwaltung: Niemand sitzt an diesem Computer.</translation>
    </message>
    <message>
        <source>There is no desktop here.</source>
        <translation>Hier gibt es keine Arbeitsumgebung.</translation>
    </message>
    <message>
        <source>Not asked yet.</source>
        <translation>Noch nicht gefragt.</translation>
    </message>
    <message>
        <source>It failed; the log says how.</source>
        <translation>Es misslang; das Protokoll sagt, wie.</translation>
    </message>
    <message>
        <source>Windows tells.</source>
        <translation>Windows sagt es.</translation>
    </message>
    <message>
        <source>This is not Windows.</source>
        <translation>Dies ist nicht Windows.</translation>
    </message>
    <message>
        <source>Windows does not tell when it was used last.</source>
        <translation>Windows sagt nicht, wann es zuletzt benutzt wurde.</translation>
    </message>
    <message>
        <source>Windows does not tell whether a program fills the screen.</source>
        <translation>Windows sagt nicht, ob ein Programm den Bildschirm füllt.</translation>
    </message>
    <message>
        <source>Windows tells: {what}.</source>
        <translation>Windows sagt es: {what}.</translation>
    </message>
    <message>
        <source>Windows does not know what this network costs.</source>
        <translation>Windows weiß nicht, was dieses Netz kostet.</translation>
    </message>
    <message>
        <source>the computer&apos;s clock was set back by {time:duration}; everything is announced anew</source>
        <translation>die Uhr des Computers wurde um {time:duration} zurückgestellt; alles wird neu angekündigt</translation>
    </message>
    <message>
        <source>the computer slept for {time:duration}; the other peers are being found again</source>
        <translation>der Computer hat {time:duration} geschlafen; die anderen Peers werden wiedergefunden</translation>
    </message>
    <message>
        <source>nothing ran here for {time:duration}; the other peers are being found again</source>
        <translation>hier lief {time:duration} lang nichts; die anderen Peers werden wiedergefunden</translation>
    </message>
    <message>
        <source>the computer&apos;s clock was set ahead by {time:duration}; everything is announced anew</source>
        <translation>die Uhr des Computers wurde um {time:duration} vorgestellt; alles wird neu angekündigt</translation>
    </message>
    <message>
        <source>The activity</source>
        <translation>Die Aktivität</translation>
    </message>
    <message>
        <source>The contribution</source>
        <translation>Der Beitrag</translation>
    </message>
    <message>
        <source>{file} was broken ({reason}). It is kept as {kept}, and a new one is begun.</source>
        <translation>{file} war beschädigt ({reason}). Die Datei bleibt als {kept} erhalten, und eine neue wird begonnen.</translation>
    </message>
    <message>
        <source>{what} cannot be saved now ({reason}); it is kept in memory meanwhile.</source>
        <translation>{what} lässt sich jetzt nicht speichern ({reason}) und bleibt so lange im Arbeitsspeicher.</translation>
    </message>
    <message>
        <source>What left this computer</source>
        <translation>Was diesen Computer verließ</translation>
    </message>
    <message>
        <source>{text} is no join link; it begins with {start}</source>
        <translation>{text} ist kein Beitrittslink; ein solcher beginnt mit {start}</translation>
    </message>
    <message>
        <source>{address} is no bootstrap address; it needs a port, and a whole peer id after #.</source>
        <translation>{address} ist keine Einstiegsadresse; sie braucht einen Port, und nach # eine ganze Peer-Kennung.</translation>
    </message>
    <message>
        <source>A join link has at most {most} characters; this one is longer.</source>
        <translation>Ein Beitrittslink hat höchstens {most} Zeichen; dieser ist länger.</translation>
    </message>
    <message>
        <source>A join link has one project, one name and bootstrap addresses, nothing else.</source>
        <translation>Ein Beitrittslink hat ein Projekt, einen Namen und Einstiegsadressen, sonst nichts.</translation>
    </message>
    <message>
        <source>The join link is damaged: its project id or name cannot be read. Copy all of it.</source>
        <translation>Der Beitrittslink ist beschädigt: Seine Projektkennung oder sein Name ist unleserlich. Kopieren Sie ihn ganz.</translation>
    </message>
    <message>
        <source>A bootstrap address cannot be used: {reason}</source>
        <translation>Eine Einstiegsadresse ist unbrauchbar: {reason}</translation>
    </message>
    <message>
        <source>There is no built-in project {name}; choose one of {names}.</source>
        <translation>Es gibt kein mitgeliefertes Projekt {name}; wählen Sie eines von {names}.</translation>
    </message>
    <message>
        <source>The project file {path} cannot be read ({reason}).</source>
        <translation>Die Projektdatei {path} lässt sich nicht lesen ({reason}).</translation>
    </message>
    <message>
        <source>{path} is no name of a file.</source>
        <translation>{path} ist kein Dateiname.</translation>
    </message>
    <message>
        <source>The bootstrap peer {address} cannot be used: {reason}</source>
        <translation>Der Einstiegspeer {address} ist unbrauchbar: {reason}</translation>
    </message>
    <message>
        <source>This computer&apos;s clock is {time:duration} fast compared with other peers: set it right, best by turning on automatic time in the system&apos;s settings.</source>
        <translation>Die Uhr dieses Computers geht gegenüber anderen Peers {time:duration} vor: Stellen Sie sie richtig, am besten mit der automatischen Zeit in den Einstellungen des Systems.</translation>
    </message>
    <message>
        <source>This computer&apos;s clock is {time:duration} slow compared with other peers: set it right, best by turning on automatic time in the system&apos;s settings.</source>
        <translation>Die Uhr dieses Computers geht gegenüber anderen Peers {time:duration} nach: Stellen Sie sie richtig, am besten mit der automatischen Zeit in den Einstellungen des Systems.</translation>
    </message>
    <message>
        <source>not in the mode always</source>
        <translation>nicht im Modus Immer</translation>
    </message>
    <message>
        <source>Memory of single cards</source>
        <translation>Speicher einzelner Karten</translation>
    </message>
    <message>
        <source>Wait for busy programs</source>
        <translation>Regem Betrieb weichen</translation>
    </message>
    <message>
        <source>Compute nothing while other programs use more of the processor than this. 0: never wait for them.</source>
        <translation>Nichts rechnen, während andere Programme mehr vom Prozessor nehmen. 0: nie darauf warten.</translation>
    </message>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation>Zeitplan</translation>
    </message>
    <message>
        <source>How much of the allowed share may be used in each hour of the week.</source>
        <translation>Wie viel des Erlaubten in jeder Stunde der Woche genutzt werden darf.</translation>
    </message>
    <message>
        <source>always all</source>
        <translation>immer alles</translation>
    </message>
    <message>
        <source>Run on battery</source>
        <translation>Auf Akku arbeiten</translation>
    </message>
    <message>
        <source>Keep working while the computer is unplugged.</source>
        <translation>Weiterarbeiten, während der Computer nicht am Strom hängt.</translation>
    </message>
    <message>
        <source>Lowest charge</source>
        <translation>Kleinste Ladung</translation>
    </message>
    <message>
        <source>Unplugged and below this charge, work is held until the battery is charged again. 0: at any charge.</source>
        <translation>Ohne Strom und unter dieser Ladung ruht die Arbeit, bis der Akku wieder geladen ist. 0: bei jeder Ladung.</translation>
    </message>
    <message>
        <source>any charge</source>
        <translation>jede Ladung</translation>
    </message>
    <message>
        <source>Charged again</source>
        <translation>Wieder geladen</translation>
    </message>
    <message>
        <source>The charge at which a battery that was too low counts as charged again.</source>
        <translation>Die Ladung, ab der ein zu schwacher Akku wieder als geladen gilt.</translation>
    </message>
    <message>
        <source>Temperature to keep</source>
        <translation>Gehaltene Temperatur</translation>
    </message>
    <message>
        <source>Above this temperature of the processor the engine slows down until it is kept. 0: never.</source>
        <translation>Über dieser Temperatur des Prozessors wird die Engine langsamer, bis sie gehalten wird. 0: nie.</translation>
    </message>
    <message>
        <source>Highest temperature</source>
        <translation>Höchste Temperatur</translation>
    </message>
    <message>
        <source>At this temperature work is held until the processor is 8 °C cooler. 0: never.</source>
        <translation>Bei dieser Temperatur ruht die Arbeit, bis der Prozessor 8 °C kühler ist. 0: nie.</translation>
    </message>
    <message>
        <source>Memory to leave free</source>
        <translation>Freier Speicher</translation>
    </message>
    <message>
        <source>Work is held while less main memory than this is free for other programs.</source>
        <translation>Die Arbeit ruht, solange weniger Arbeitsspeicher für andere Programme frei ist.</translation>
    </message>
    <message>
        <source>Disk to leave free</source>
        <translation>Freier Plattenplatz</translation>
    </message>
    <message>
        <source>Work is held while less than this is free on the disk that Hivelet writes to.</source>
        <translation>Die Arbeit ruht, solange auf der Platte, auf die Hivelet schreibt, weniger frei ist.</translation>
    </message>
    <message>
        <source>Run on metered networks</source>
        <translation>In getakteten Netzen arbeiten</translation>
    </message>
    <message>
        <source>Keep working while the network is one that is paid by volume, such as a telephone&apos;s.</source>
        <translation>Weiterarbeiten, wenn das Netz nach Menge bezahlt wird, etwa das eines Telefons.</translation>
    </message>
    <message>
        <source>Traffic in a month</source>
        <translation>Daten im Monat</translation>
    </message>
    <message>
        <source>Work is held when so much was sent and received since the first of the month. 0: no limit.</source>
        <translation>Die Arbeit ruht, wenn seit Monatsbeginn so viel gesendet und empfangen wurde. 0: keine Grenze.</translation>
    </message>
    <message>
        <source>no limit</source>
        <translation>keine Grenze</translation>
    </message>
    <message>
        <source>Upload</source>
        <translation>Hochladen</translation>
    </message>
    <message>
        <source>The most that is sent to other peers in a second. 0: no limit.</source>
        <translation>Das meiste, was in einer Sekunde an andere gesendet wird. 0: keine Grenze.</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <source>The most that is received from other peers in a second. 0: no limit.</source>
        <translation>Das meiste, was in einer Sekunde von anderen empfangen wird. 0: keine Grenze.</translation>
    </message>
    <message>
        <source>Nearby computers</source>
        <translation>Computer in der Nähe</translation>
    </message>
    <message>
        <source>Say in the home&apos;s network that Hivelet runs here, under a random name, and listen for others.</source>
        <translation>Im Heimnetz unter einem zufälligen Namen sagen, dass Hivelet hier läuft, und auf andere hören.</translation>
    </message>
    <message>
        <source>Open ports</source>
        <translation>Ports öffnen</translation>
    </message>
    <message>
        <source>Ask the router (UPnP, NAT-PMP) to let others reach this computer. It closes the ports when Hivelet ends.</source>
        <translation>Den Router bitten (UPnP, NAT-PMP), andere durchzulassen. Er schließt die Ports, wenn Hivelet endet.</translation>
    </message>
    <message>
        <source>Help others to be reached</source>
        <translation>Anderen zur Erreichbarkeit helfen</translation>
    </message>
    <message>
        <source>Pass on sealed data, a little at a time, between peers that cannot reach each other. Nobody can read it here.</source>
        <translation>Versiegelte Daten in kleinen Mengen zwischen Peers weiterreichen, die einander nicht erreichen. Niemand kann sie hier lesen.</translation>
    </message>
    <message>
        <source>Keep awake</source>
        <translation>Wach halten</translation>
    </message>
    <message>
        <source>Keep the computer from falling asleep while it is plugged in and works.</source>
        <translation>Den Computer nicht einschlafen lassen, während er am Strom hängt und arbeitet.</translation>
    </message>
    <message>
        <source>Start at login</source>
        <translation>Mit der Anmeldung starten</translation>
    </message>
    <message>
        <source>Start Hivelet when you log in to this computer.</source>
        <translation>Hivelet starten, wenn Sie sich an diesem Computer anmelden.</translation>
    </message>
    <message>
        <source>Power of the processor</source>
        <translation>Leistung des Prozessors</translation>
    </message>
    <message>
        <source>What the processor draws at full load, for the estimate of electricity. 0: guessed from its cores.</source>
        <translation>Was der Prozessor unter voller Last verbraucht, um den Strom zu schätzen. 0: nach den Kernen geschätzt.</translation>
    </message>
    <message>
        <source>guessed</source>
        <translation>geschätzt</translation>
    </message>
    <message>
        <source>Tell of new versions</source>
        <translation>Neue Versionen melden</translation>
    </message>
    <message>
        <source>Look in the swarm for news of Hivelet, signed by its publisher. Nothing is downloaded or installed by itself.</source>
        <translation>Im Schwarm nach Neuigkeiten über Hivelet sehen, vom Herausgeber signiert. Nichts wird von selbst heruntergeladen oder installiert.</translation>
    </message>
    <message>
        <source>Start in the tray</source>
        <translation>Im Infobereich starten</translation>
    </message>
    <message>
        <source>Do not open the window at start; the tray icon opens it.</source>
        <translation>Beim Start kein Fenster öffnen; das Symbol im Infobereich öffnet es.</translation>
    </message>
    <message>
        <source>Quiet hours</source>
        <translation>Ruhezeit</translation>
    </message>
    <message>
        <source>Show no notifications at this time of the day.</source>
        <translation>Zu dieser Tageszeit keine Mitteilungen zeigen.</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Light, dark, or as the system is.</source>
        <translation>Hell, dunkel, oder wie das System.</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>The language of the window. It opens anew when you change this.</source>
        <translation>Die Sprache des Fensters. Es öffnet sich neu, wenn Sie sie ändern.</translation>
    </message>
    <message>
        <source>English</source>
        <translation>English</translation>
    </message>
    <message>
        <source>Deutsch</source>
        <translation>Deutsch</translation>
    </message>
</context>
<context>
    <name>Count</name>
    <message>
        <source>peer</source>
        <translation>Peer</translation>
    </message>
    <message>
        <source>peers</source>
        <translation>Peers</translation>
    </message>
    <message>
        <source>other peer</source>
        <translation>anderem Peer</translation>
    </message>
    <message>
        <source>other peers</source>
        <translation>anderen Peers</translation>
    </message>
    <message>
        <source>expert</source>
        <translation>Experte</translation>
    </message>
    <message>
        <source>experts</source>
        <translation>Experten</translation>
    </message>
    <message>
        <source>sample</source>
        <translation>Beispiel</translation>
    </message>
    <message>
        <source>samples</source>
        <translation>Beispiele</translation>
    </message>
    <message>
        <source>letter</source>
        <translation>Buchstabe</translation>
    </message>
    <message>
        <source>letters</source>
        <translation>Buchstaben</translation>
    </message>
    <message>
        <source>computer</source>
        <translation>Computer</translation>
    </message>
    <message>
        <source>computers</source>
        <translation>Computern</translation>
    </message>
    <message>
        <source>call</source>
        <translation>Aufruf</translation>
    </message>
    <message>
        <source>calls</source>
        <translation>Aufrufe</translation>
    </message>
    <message>
        <source>answer</source>
        <translation>Antwort</translation>
    </message>
    <message>
        <source>answers</source>
        <translation>Antworten</translation>
    </message>
    <message>
        <source>peer is</source>
        <translation>Peer wird</translation>
    </message>
    <message>
        <source>peers are</source>
        <translation>Peers werden</translation>
    </message>
    <message>
        <source>was</source>
        <translation>war</translation>
    </message>
    <message>
        <source>were</source>
        <translation>waren</translation>
    </message>
</context>
<context>
    <name>Crash</name>
    <message>
        <source>What happened to the engine</source>
        <translation>Was mit der Engine geschah</translation>
    </message>
    <message>
        <source>The engine&apos;s last words</source>
        <translation>Die letzten Worte der Engine</translation>
    </message>
    <message>
        <source>Start it again</source>
        <translation>Neu starten</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Experts are saved as they learn. If it happens again, send this to the organiser.</source>
        <translation>Experten werden beim Lernen gesichert. Geschieht es wieder, senden Sie dies dem Veranstalter.</translation>
    </message>
</context>
<context>
    <name>Detectors</name>
    <message>
        <source>works here</source>
        <translation>geht hier</translation>
    </message>
    <message>
        <source>cannot tell here</source>
        <translation>geht hier nicht</translation>
    </message>
    <message>
        <source>Take your hands off mouse and keyboard: the seconds must count up.</source>
        <translation>Lassen Sie Maus und Tastatur ruhen: Die Sekunden müssen steigen.</translation>
    </message>
    <message>
        <source>Let a film or a game fill the screen for a moment.</source>
        <translation>Lassen Sie kurz einen Film oder ein Spiel den Bildschirm füllen.</translation>
    </message>
    <message>
        <source>Mark the network as metered in the system&apos;s settings.</source>
        <translation>Kennzeichnen Sie das Netz in den Einstellungen des Systems als getaktet.</translation>
    </message>
    <message>
        <source>It must look like what other programs show.</source>
        <translation>Sie muss aussehen wie das, was andere Programme zeigen.</translation>
    </message>
    <message>
        <source>Start something demanding: the share must rise.</source>
        <translation>Starten Sie etwas Anspruchsvolles: Der Anteil muss steigen.</translation>
    </message>
    <message>
        <source>List a program under “Wait for programs”, and start it.</source>
        <translation>Tragen Sie unter „Programmen weichen“ ein Programm ein und starten Sie es.</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>What the rules above rest on.</source>
        <translation>Worauf die Regeln oben beruhen.</translation>
    </message>
    <message>
        <source>What this computer can sense</source>
        <translation>Was dieser Computer wahrnimmt</translation>
    </message>
    <message>
        <source>Reads every detector for some seconds</source>
        <translation>Liest einige Sekunden lang jeden Fühler</translation>
    </message>
    <message>
        <source>Testing…</source>
        <translation>Prüft …</translation>
    </message>
</context>
<context>
    <name>Empty</name>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Start the engine</source>
        <translation>Engine starten</translation>
    </message>
    <message>
        <source>The engine stopped</source>
        <translation>Die Engine hat aufgehört</translation>
    </message>
    <message>
        <source>Nothing is computed until it is started again.</source>
        <translation>Es wird nichts gerechnet, bis sie wieder gestartet wird.</translation>
    </message>
    <message>
        <source>The engine is stopped</source>
        <translation>Die Engine ist beendet</translation>
    </message>
    <message>
        <source>No engine answers here</source>
        <translation>Hier antwortet keine Engine</translation>
    </message>
    <message>
        <source>It measures this computer and looks for others. This takes a few seconds.</source>
        <translation>Sie misst diesen Computer und sucht andere. Das dauert einige Sekunden.</translation>
    </message>
    <message>
        <source>Starting the engine</source>
        <translation>Die Engine wird gestartet</translation>
    </message>
    <message>
        <source>One moment</source>
        <translation>Einen Moment</translation>
    </message>
    <message>
        <source>Asking the engine what it does…</source>
        <translation>Die Engine wird gefragt, was sie tut …</translation>
    </message>
</context>
<context>
    <name>Engine</name>
    <message>
        <source>Looking for the engine…</source>
        <translation>Die Engine wird gesucht …</translation>
    </message>
    <message>
        <source>No engine answers in this folder. It may have ended.</source>
        <translation>In diesem Ordner antwortet keine Engine. Vielleicht ist sie beendet.</translation>
    </message>
    <message>
        <source>The engine is busy and does not answer at the moment.</source>
        <translation>Die Engine ist beschäftigt und antwortet gerade nicht.</translation>
    </message>
    <message>
        <source>The engine is stopped; nothing is computed.</source>
        <translation>Die Engine ist beendet; es wird nichts gerechnet.</translation>
    </message>
    <message>
        <source>The engine stopped unexpectedly.</source>
        <translation>Die Engine hat unerwartet aufgehört.</translation>
    </message>
    <message>
        <source>The engine cannot be started.</source>
        <translation>Die Engine lässt sich nicht starten.</translation>
    </message>
    <message>
        <source>The engine takes unusually long to start. The log tells what it does.</source>
        <translation>Die Engine braucht ungewöhnlich lange zum Starten. Das Protokoll sagt, was sie tut.</translation>
    </message>
    <message>
        <source>Starting the engine…</source>
        <translation>Die Engine wird gestartet …</translation>
    </message>
    <message>
        <source>The engine&apos;s process is gone</source>
        <translation>Der Prozess der Engine ist weg</translation>
    </message>
    <message>
        <source>The engine was ended by {signal}</source>
        <translation>Die Engine wurde durch {signal} beendet</translation>
    </message>
    <message>
        <source>The engine ended with exit code {code}</source>
        <translation>Die Engine endete mit dem Code {code}</translation>
    </message>
    <message>
        <source>Starting it again in {time}.</source>
        <translation>Sie wird in {time} neu gestartet.</translation>
    </message>
    <message>
        <source>signal {number}</source>
        <translation>Signal {number}</translation>
    </message>
</context>
<context>
    <name>Experts</name>
    <message>
        <source>Expert</source>
        <translation>Experte</translation>
    </message>
    <message>
        <source>Samples/s</source>
        <translation>Beispiele/s</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>Heute</translation>
    </message>
    <message>
        <source>Samples served since midnight</source>
        <translation>Bediente Beispiele seit Mitternacht</translation>
    </message>
    <message>
        <source>Since start</source>
        <translation>Seit dem Start</translation>
    </message>
    <message>
        <source>Samples served since the engine started</source>
        <translation>Bediente Beispiele seit dem Start der Engine</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>Optimizer steps since the expert was born</source>
        <translation>Lernschritte, seit es den Experten gibt</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>Antwortzeit</translation>
    </message>
    <message>
        <source>Mean, inside this host</source>
        <translation>Mittel, in diesem Computer</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>serving</source>
        <translation>bedient</translation>
    </message>
    <message>
        <source>waiting for samples</source>
        <translation>wartet auf Beispiele</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>{hosted} hosted of {allowed} allowed · {memory} · {rate} samples/s</source>
        <translation>{hosted} von erlaubten {allowed} hier · {memory} · {rate} Beispiele/s</translation>
    </message>
    <message>
        <source>{hosted} hosted · {memory} · {rate} samples/s</source>
        <translation>{hosted} hier · {memory} · {rate} Beispiele/s</translation>
    </message>
    <message>
        <source>The engine is loading. Its experts appear here in a few seconds.</source>
        <translation>Die Engine lädt. Ihre Experten erscheinen hier in wenigen Sekunden.</translation>
    </message>
    <message>
        <source>Taking on experts</source>
        <translation>Experten werden aufgenommen</translation>
    </message>
    <message>
        <source>No room for an expert</source>
        <translation>Kein Platz für einen Experten</translation>
    </message>
    <message>
        <source>The memory that you allow holds none. Allow more, and the engine takes some on.</source>
        <translation>Der erlaubte Speicher reicht für keinen. Erlauben Sie mehr, und die Engine nimmt welche auf.</translation>
    </message>
    <message>
        <source>Allow more memory</source>
        <translation>Mehr Speicher erlauben</translation>
    </message>
    <message>
        <source>Other peers host all {experts}. This computer takes over as soon as one is free.</source>
        <translation>Andere Peers beherbergen alle {experts}. Dieser Computer springt ein, sobald einer frei wird.</translation>
    </message>
    <message>
        <source>Every expert has a home already</source>
        <translation>Jeder Experte hat schon ein Zuhause</translation>
    </message>
    <message>
        <source>The engine looks for experts that nobody hosts. They appear here in a few seconds.</source>
        <translation>Die Engine sucht Experten, die niemand beherbergt. Sie erscheinen hier in wenigen Sekunden.</translation>
    </message>
    <message>
        <source>No expert yet</source>
        <translation>Noch kein Experte</translation>
    </message>
</context>
<context>
    <name>ExpertsPage</name>
    <message>
        <source>Experts</source>
        <translation>Experten</translation>
    </message>
    <message>
        <source>Experts on this computer</source>
        <translation>Experten auf diesem Computer</translation>
    </message>
</context>
<context>
    <name>First</name>
    <message>
        <source>Lends a share of this computer to train neural networks together with other volunteers.</source>
        <translation>Leiht einen Teil dieses Computers, um mit anderen Freiwilligen neuronale Netze zu trainieren.</translation>
    </message>
    <message>
        <source>Small networks, called experts, live here and answer the computers of others.</source>
        <translation>Kleine Netze, Experten genannt, leben hier und antworten den Computern anderer.</translation>
    </message>
    <message>
        <source>It steps aside while you work, and pauses within a second when you say so.</source>
        <translation>Es weicht, während Sie arbeiten, und hält binnen einer Sekunde an, wenn Sie es sagen.</translation>
    </message>
    <message>
        <source>What leaves this computer is listed on the page Trust.</source>
        <translation>Was diesen Computer verlässt, steht auf der Seite Vertrauen.</translation>
    </message>
    <message>
        <source>It reads none of your files: only its own folder.</source>
        <translation>Es liest keine Ihrer Dateien: nur den eigenen Ordner.</translation>
    </message>
    <message>
        <source>It mines no coins, shows no advertisements and needs no account.</source>
        <translation>Es schürft keine Münzen, zeigt keine Werbung und braucht kein Konto.</translation>
    </message>
    <message>
        <source>It runs no programs from the network: only numbers are exchanged, and they are checked.</source>
        <translation>Es führt keine Programme aus dem Netz aus: Nur Zahlen werden getauscht, und sie werden geprüft.</translation>
    </message>
    <message>
        <source>You will hardly notice it.</source>
        <translation>Sie werden es kaum bemerken.</translation>
    </message>
    <message>
        <source>Uses what you leave over.</source>
        <translation>Nutzt, was Sie übrig lassen.</translation>
    </message>
    <message>
        <source>For a computer that has nothing else to do.</source>
        <translation>Für einen Computer, der nichts anderes zu tun hat.</translation>
    </message>
    <message>
        <source>Measuring this computer…</source>
        <translation>Dieser Computer wird gemessen …</translation>
    </message>
    <message>
        <source>up to {work} GFLOP·h a day, measured at {speed} GFLOP/s</source>
        <translation>bis zu {work} GFLOP·h am Tag, gemessen mit {speed} GFLOP/s</translation>
    </message>
    <message>
        <source>{away} % of the processor when you are away, {used} % while you use it, {memory} of memory</source>
        <translation>{away} % des Prozessors, wenn Sie weg sind, {used} % während der Benutzung, {memory} Speicher</translation>
    </message>
    <message>
        <source>Welcome to Hivelet</source>
        <translation>Willkommen bei Hivelet</translation>
    </message>
    <message>
        <source>Join link</source>
        <translation>Einladungslink</translation>
    </message>
    <message>
        <source>Start with the built-in project</source>
        <translation>Mit dem eingebauten Projekt beginnen</translation>
    </message>
    <message>
        <source>Join the project of an invitation</source>
        <translation>Dem Projekt einer Einladung beitreten</translation>
    </message>
    <message>
        <source>Skip, with gentle settings</source>
        <translation>Überspringen, mit sanften Einstellungen</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Start</translation>
    </message>
    <message>
        <source>{n} of {all}</source>
        <translation>{n} von {all}</translation>
    </message>
    <message>
        <source>What it does</source>
        <translation>Was es tut</translation>
    </message>
    <message>
        <source>What it does not</source>
        <translation>Was es nicht tut</translation>
    </message>
    <message>
        <source>How much may it use?</source>
        <translation>Wie viel darf es nutzen?</translation>
    </message>
    <message>
        <source>All of it can be changed at any time.</source>
        <translation>All das lässt sich jederzeit ändern.</translation>
    </message>
    <message>
        <source>A small language model that learns from a text; a good way to see how it works.</source>
        <translation>Ein kleines Sprachmodell, das aus einem Text lernt; gut, um zu sehen, wie es geht.</translation>
    </message>
    <message>
        <source>Paste the link of an organiser. Files can be joined on the page Projects.</source>
        <translation>Fügen Sie den Link eines Veranstalters ein. Dateien gehen auf der Seite Projekte.</translation>
    </message>
    <message>
        <source>What shall it work on first?</source>
        <translation>Woran soll es zuerst arbeiten?</translation>
    </message>
</context>
<context>
    <name>JoinBar</name>
    <message>
        <source>Join a project</source>
        <translation>Einem Projekt beitreten</translation>
    </message>
    <message>
        <source>Look at it</source>
        <translation>Ansehen</translation>
    </message>
    <message>
        <source>Choose a file…</source>
        <translation>Datei wählen …</translation>
    </message>
    <message>
        <source>hivelet://join?…   paste a link, or drop a project file anywhere here</source>
        <translation>hivelet://join?…   Link einfügen, oder eine Projektdatei hierher ziehen</translation>
    </message>
    <message>
        <source>Link or project file</source>
        <translation>Link oder Projektdatei</translation>
    </message>
    <message>
        <source>Project file</source>
        <translation>Projektdatei</translation>
    </message>
    <message>
        <source>Project files (*.toml)</source>
        <translation>Projektdateien (*.toml)</translation>
    </message>
</context>
<context>
    <name>Joining</name>
    <message>
        <source>The engine&apos;s answer cannot be read. Is it another version?</source>
        <translation>Die Antwort der Engine ist nicht lesbar. Ist sie von einer anderen Version?</translation>
    </message>
    <message>
        <source>Joined {project}.</source>
        <translation>{project} beigetreten.</translation>
    </message>
    <message>
        <source>Left {project}.</source>
        <translation>{project} verlassen.</translation>
    </message>
    <message>
        <source>The engine follows when it is started again.</source>
        <translation>Die Engine folgt, wenn sie neu gestartet wird.</translation>
    </message>
    <message>
        <source>at work now</source>
        <translation>jetzt bei der Arbeit</translation>
    </message>
    <message>
        <source>joined</source>
        <translation>beigetreten</translation>
    </message>
    <message>
        <source>comes with Hivelet</source>
        <translation>kommt mit Hivelet</translation>
    </message>
    <message>
        <source>nobody named</source>
        <translation>niemand genannt</translation>
    </message>
    <message>
        <source>{publisher}, signed with key {key}</source>
        <translation>{publisher}, signiert mit dem Schlüssel {key}</translation>
    </message>
    <message>
        <source>{publisher}, comes with Hivelet</source>
        <translation>{publisher}, kommt mit Hivelet</translation>
    </message>
    <message>
        <source>{publisher}, not signed</source>
        <translation>{publisher}, nicht signiert</translation>
    </message>
    <message>
        <source>Publisher</source>
        <translation>Herausgeber</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>none stated</source>
        <translation>keine genannt</translation>
    </message>
    <message>
        <source>Data and purpose</source>
        <translation>Daten und Zweck</translation>
    </message>
    <message>
        <source>not described</source>
        <translation>nicht beschrieben</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>{experts}, {numbers} numbers; one takes {memory}</source>
        <translation>{experts}, {numbers} Zahlen; einer braucht {memory}</translation>
    </message>
    <message>
        <source>Known peers</source>
        <translation>Bekannte Peers</translation>
    </message>
    <message>
        <source>Project id</source>
        <translation>Projekt-ID</translation>
    </message>
    <message>
        <source>{version} or newer; this computer waits until Hivelet is updated</source>
        <translation>{version} oder neuer; dieser Computer wartet, bis Hivelet aktualisiert ist</translation>
    </message>
    <message>
        <source>Needs Hivelet</source>
        <translation>Braucht Hivelet</translation>
    </message>
    <message>
        <source>none yet; this computer looks for the swarm by itself</source>
        <translation>noch keine; dieser Computer sucht den Schwarm selbst</translation>
    </message>
</context>
<context>
    <name>Links</name>
    <message>
        <source>This link is too long to be one of Hivelet&apos;s; nothing was opened.</source>
        <translation>Dieser Link ist zu lang, um einer von Hivelet zu sein; es wurde nichts geöffnet.</translation>
    </message>
    <message>
        <source>“{link}” is no link to a project; those begin with {start}</source>
        <translation>„{link}“ ist kein Link zu einem Projekt; die beginnen mit {start}</translation>
    </message>
</context>
<context>
    <name>Log</name>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Level</source>
        <translation>Stufe</translation>
    </message>
    <message>
        <source>Part</source>
        <translation>Teil</translation>
    </message>
    <message>
        <source>Message</source>
        <translation>Meldung</translation>
    </message>
    <message>
        <source>{file} could not be written: {reason}.</source>
        <translation>{file} konnte nicht geschrieben werden: {reason}.</translation>
    </message>
    <message>
        <source>Written to {file}. Read it before you pass it on.</source>
        <translation>In {file} gespeichert. Lesen Sie es, bevor Sie es weitergeben.</translation>
    </message>
</context>
<context>
    <name>LogPage</name>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Log lines</source>
        <translation>Zeilen des Protokolls</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alles</translation>
    </message>
    <message>
        <source>Info</source>
        <translation>Info</translation>
    </message>
    <message>
        <source>Warnings</source>
        <translation>Warnungen</translation>
    </message>
    <message>
        <source>Errors</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Least important level</source>
        <translation>Geringste gezeigte Stufe</translation>
    </message>
    <message>
        <source>Search the log</source>
        <translation>Protokoll durchsuchen</translation>
    </message>
    <message>
        <source>Follow the newest line</source>
        <translation>Der neuesten Zeile folgen</translation>
    </message>
    <message>
        <source>Copies the lines that are shown.</source>
        <translation>Kopiert die gezeigten Zeilen.</translation>
    </message>
    <message>
        <source>Diagnostics ▾</source>
        <translation>Diagnose ▾</translation>
    </message>
    <message>
        <source>Save diagnostics</source>
        <translation>Diagnose speichern</translation>
    </message>
    <message>
        <source>Follow</source>
        <translation>Folgen</translation>
    </message>
    <message>
        <source>Nothing logged yet</source>
        <translation>Noch nichts protokolliert</translation>
    </message>
    <message>
        <source>What the engine does appears here, line by line.</source>
        <translation>Was die Engine tut, erscheint hier Zeile für Zeile.</translation>
    </message>
    <message>
        <source>No line passes the filter above.</source>
        <translation>Keine Zeile passt zum Filter oben.</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>Show all lines</source>
        <translation>Alle Zeilen zeigen</translation>
    </message>
    <message>
        <source>Save without keys, home folder and addresses…</source>
        <translation>Ohne Schlüssel, Heimordner und Adressen speichern …</translation>
    </message>
    <message>
        <source>Save with the addresses of peers…</source>
        <translation>Mit den Adressen der Peers speichern …</translation>
    </message>
    <message>
        <source>Text (*.txt)</source>
        <translation>Text (*.txt)</translation>
    </message>
</context>
<context>
    <name>Network</name>
    <message>
        <source>no other peer yet</source>
        <translation>noch kein anderer Peer</translation>
    </message>
    <message>
        <source>{peers} · {experts} on them</source>
        <translation>{peers} · darauf {experts}</translation>
    </message>
    <message>
        <source>{sent} sent · {received} received</source>
        <translation>{sent} gesendet · {received} empfangen</translation>
    </message>
    <message>
        <source>{size} passed on for others, encrypted end to end</source>
        <translation>{size} für andere weitergereicht, durchgehend verschlüsselt</translation>
    </message>
    <message>
        <source>Not known yet.</source>
        <translation>Noch nicht bekannt.</translation>
    </message>
    <message>
        <source>No other peer yet</source>
        <translation>Noch kein anderer Peer</translation>
    </message>
    <message>
        <source>This computer works alone meanwhile. Give its address to a second one, and the two find each other.</source>
        <translation>Dieser Computer arbeitet so lange allein. Geben Sie seine Adresse einem zweiten, und die beiden finden einander.</translation>
    </message>
    <message>
        <source>Copy the address</source>
        <translation>Adresse kopieren</translation>
    </message>
    <message>
        <source>The engine is opening its connection. Peers appear here when they are found.</source>
        <translation>Die Engine öffnet ihre Verbindung. Peers erscheinen hier, sobald sie gefunden sind.</translation>
    </message>
    <message>
        <source>we called</source>
        <translation>wir riefen an</translation>
    </message>
    <message>
        <source>called us</source>
        <translation>rief uns an</translation>
    </message>
    <message>
        <source>No project</source>
        <translation>Kein Projekt</translation>
    </message>
    <message>
        <source>{peers} · {experts} here</source>
        <translation>{peers} · {experts} hier</translation>
    </message>
</context>
<context>
    <name>NetworkPage</name>
    <message>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>Address of this computer</source>
        <translation>Adresse dieses Computers</translation>
    </message>
    <message>
        <source>Peer id of this computer</source>
        <translation>Peer-ID dieses Computers</translation>
    </message>
    <message>
        <source>Peers</source>
        <translation>Peers</translation>
    </message>
    <message>
        <source>The farther out, the longer its answers take. Hollow: silent for a minute.</source>
        <translation>Je weiter außen, desto länger dauern die Antworten. Hohl: seit einer Minute still.</translation>
    </message>
    <message>
        <source>Reachability</source>
        <translation>Erreichbarkeit</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Peer id</source>
        <translation>Peer-ID</translation>
    </message>
    <message>
        <source>Since the start</source>
        <translation>Seit dem Start</translation>
    </message>
    <message>
        <source>This month</source>
        <translation>Diesen Monat</translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Hivelet&apos;s engine stopped</source>
        <translation>Die Engine von Hivelet hat aufgehört</translation>
    </message>
    <message>
        <source>Hivelet needs your attention</source>
        <translation>Hivelet braucht Ihre Aufmerksamkeit</translation>
    </message>
    <message>
        <source>Click to pause again or to see what it does.</source>
        <translation>Klicken Sie, um wieder anzuhalten oder nachzusehen.</translation>
    </message>
    <message>
        <source>The pause is over</source>
        <translation>Die Pause ist vorbei</translation>
    </message>
</context>
<context>
    <name>Numbers</name>
    <message>
        <source>,.</source>
        <translation>.,</translation>
    </message>
    <message>
        <source>never</source>
        <translation>nie</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>gerade eben</translation>
    </message>
    <message>
        <source>{time} ago</source>
        <translation>vor {time}</translation>
    </message>
    <message>
        <source>tomorrow {time}</source>
        <translation>morgen {time}</translation>
    </message>
    <message>
        <source>Mon Tue Wed Thu Fri Sat Sun</source>
        <translation>Mo Di Mi Do Fr Sa So</translation>
    </message>
    <message>
        <source>Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec</source>
        <translation>Jan. Feb. März Apr. Mai Juni Juli Aug. Sep. Okt. Nov. Dez.</translation>
    </message>
    <message>
        <source>{day} {month}</source>
        <translation>{day}. {month}</translation>
    </message>
</context>
<context>
    <name>OfferCard</name>
    <message>
        <source>Not now</source>
        <translation>Jetzt nicht</translation>
    </message>
    <message>
        <source>Work on it</source>
        <translation>Daran arbeiten</translation>
    </message>
    <message>
        <source>Join</source>
        <translation>Beitreten</translation>
    </message>
    <message>
        <source>This project is at work already.</source>
        <translation>An diesem Projekt wird schon gearbeitet.</translation>
    </message>
    <message>
        <source>The engine takes it up when it is started again. Experts of other projects stay saved.</source>
        <translation>Die Engine beginnt damit, wenn sie neu gestartet wird. Experten anderer Projekte bleiben gesichert.</translation>
    </message>
    <message>
        <source>About {title}</source>
        <translation>Über {title}</translation>
    </message>
</context>
<context>
    <name>Overview</name>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Pause ▾</source>
        <translation>Pause ▾</translation>
    </message>
    <message>
        <source>One moment</source>
        <translation>Einen Moment</translation>
    </message>
    <message>
        <source>Starting up</source>
        <translation>Startet</translation>
    </message>
    <message>
        <source>The engine stopped</source>
        <translation>Die Engine hat aufgehört</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Beendet</translation>
    </message>
    <message>
        <source>No engine here</source>
        <translation>Keine Engine hier</translation>
    </message>
    <message>
        <source>Reading what the engine does…</source>
        <translation>Es wird gelesen, was die Engine tut …</translation>
    </message>
    <message>
        <source>not running</source>
        <translation>läuft nicht</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>Start the engine</source>
        <translation>Engine starten</translation>
    </message>
    <message>
        <source>Helping since {time}</source>
        <translation>Hilft seit {time}</translation>
    </message>
    <message>
        <source>Paused until {time}</source>
        <translation>Pause bis {time}</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Working alone for now</source>
        <translation>Arbeitet vorerst allein</translation>
    </message>
    <message>
        <source>Holding work</source>
        <translation>Arbeit ruht</translation>
    </message>
    <message>
        <source>Finishing, then stopping</source>
        <translation>Schließt ab und hört dann auf</translation>
    </message>
    <message>
        <source>Something needs your attention</source>
        <translation>Etwas braucht Ihre Aufmerksamkeit</translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation>Hört auf</translation>
    </message>
    <message>
        <source>Training {project} with {peers}.</source>
        <translation>Trainiert {project} mit {peers}.</translation>
    </message>
    <message>
        <source>Training {project}; looking for other peers meanwhile.</source>
        <translation>Trainiert {project}; sucht inzwischen andere Peers.</translation>
    </message>
    <message>
        <source>The engine runs.</source>
        <translation>Die Engine läuft.</translation>
    </message>
    <message>
        <source>Your {experts} served {samples} today; the model {improved}.</source>
        <translation>Ihre {experts} bedienten heute {samples}; das Modell {improved}.</translation>
    </message>
    <message>
        <source>Your {experts} served {samples} today.</source>
        <translation>Ihre {experts} bedienten heute {samples}.</translation>
    </message>
    <message>
        <source>improved from {first} % to {now} % correct</source>
        <translation>verbesserte sich von {first} % auf {now} % richtige</translation>
    </message>
    <message>
        <source>improved from {first} to {now} {metric}</source>
        <translation>verbesserte sich von {first} auf {now} {metric}</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>on hold</source>
        <translation>ruht</translation>
    </message>
    <message>
        <source>stopped</source>
        <translation>beendet</translation>
    </message>
    <message>
        <source>of this computer</source>
        <translation>dieses Computers</translation>
    </message>
    <message>
        <source>processor {share}</source>
        <translation>Prozessor {share}</translation>
    </message>
    <message>
        <source>memory {size}</source>
        <translation>Speicher {size}</translation>
    </message>
</context>
<context>
    <name>OverviewPage</name>
    <message>
        <source>Overview</source>
        <translation>Übersicht</translation>
    </message>
    <message>
        <source>Finish and stop</source>
        <translation>Abschließen und Ende</translation>
    </message>
    <message>
        <source>Completes the work under way, saves it, then stops the engine.</source>
        <translation>Schließt die laufende Arbeit ab, sichert sie und beendet dann die Engine.</translation>
    </message>
    <message>
        <source>Budget: share of this computer that Hivelet may use</source>
        <translation>Budget: Anteil dieses Computers, den Hivelet nutzen darf</translation>
    </message>
    <message>
        <source>Samples served</source>
        <translation>Bediente Beispiele</translation>
    </message>
    <message>
        <source>The model</source>
        <translation>Das Modell</translation>
    </message>
    <message>
        <source>Samples in total</source>
        <translation>Beispiele insgesamt</translation>
    </message>
    <message>
        <source>Samples per second</source>
        <translation>Beispiele je Sekunde</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Budget</source>
        <translation>Budget</translation>
    </message>
    <message>
        <source>What was given</source>
        <translation>Was gegeben wurde</translation>
    </message>
    <message>
        <source>What you gave</source>
        <translation>Was Sie gaben</translation>
    </message>
    <message>
        <source>Rate</source>
        <translation>Rate</translation>
    </message>
    <message>
        <source>Total</source>
        <translation>Summe</translation>
    </message>
    <message>
        <source>What the chart shows</source>
        <translation>Was das Diagramm zeigt</translation>
    </message>
    <message>
        <source>The model learns</source>
        <translation>Das Modell lernt</translation>
    </message>
</context>
<context>
    <name>Pages</name>
    <message>
        <source>Overview</source>
        <translation>Übersicht</translation>
    </message>
    <message>
        <source>Experts</source>
        <translation>Experten</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Netz</translation>
    </message>
    <message>
        <source>Projects</source>
        <translation>Projekte</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>Ausprobieren</translation>
    </message>
    <message>
        <source>Activity</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <source>Preferences</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Trust</source>
        <translation>Vertrauen</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Pages</source>
        <translation>Seiten</translation>
    </message>
</context>
<context>
    <name>Pauses</name>
    <message>
        <source>For 15 minutes</source>
        <translation>Für 15 Minuten</translation>
    </message>
    <message>
        <source>For 1 hour</source>
        <translation>Für 1 Stunde</translation>
    </message>
    <message>
        <source>Until tomorrow morning</source>
        <translation>Bis morgen früh</translation>
    </message>
    <message>
        <source>Until I resume</source>
        <translation>Bis ich fortsetze</translation>
    </message>
</context>
<context>
    <name>Peers</name>
    <message>
        <source>Peer</source>
        <translation>Peer</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>Richtung</translation>
    </message>
    <message>
        <source>Experts</source>
        <translation>Experten</translation>
    </message>
    <message>
        <source>Latency</source>
        <translation>Antwortzeit</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>Gesendet</translation>
    </message>
    <message>
        <source>Received</source>
        <translation>Empfangen</translation>
    </message>
    <message>
        <source>Last seen</source>
        <translation>Zuletzt da</translation>
    </message>
</context>
<context>
    <name>Preferences</name>
    <message>
        <source>The file&apos;s preferences are in force.</source>
        <translation>Die Einstellungen der Datei gelten.</translation>
    </message>
    <message>
        <source>{path} cannot be written ({error}).</source>
        <translation>{path} kann nicht geschrieben werden ({error}).</translation>
    </message>
    <message>
        <source>Exported to {path}.</source>
        <translation>Nach {path} gespeichert.</translation>
    </message>
    <message>
        <source>{path} cannot be read ({error}).</source>
        <translation>{path} kann nicht gelesen werden ({error}).</translation>
    </message>
    <message>
        <source>{path} is no file of preferences.</source>
        <translation>{path} ist keine Datei mit Einstellungen.</translation>
    </message>
    <message>
        <source>Changes apply at once.</source>
        <translation>Änderungen gelten sofort.</translation>
    </message>
    <message>
        <source>They can be changed while the engine runs.</source>
        <translation>Sie lassen sich ändern, während die Engine läuft.</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>nichts</translation>
    </message>
    <message>
        <source>Preferences</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Preset</source>
        <translation>Voreinstellung</translation>
    </message>
    <message>
        <source>Search preferences</source>
        <translation>Einstellungen durchsuchen</translation>
    </message>
    <message>
        <source>No preference has these words.</source>
        <translation>Keine Einstellung hat diese Wörter.</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>Speichern …</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>Laden …</translation>
    </message>
    <message>
        <source>Export preferences</source>
        <translation>Einstellungen speichern</translation>
    </message>
    <message>
        <source>Import preferences</source>
        <translation>Einstellungen laden</translation>
    </message>
</context>
<context>
    <name>Project</name>
    <message>
        <source>Learns to continue text, byte by byte.</source>
        <translation>Lernt, Text Byte für Byte fortzusetzen.</translation>
    </message>
    <message>
        <source>Learns to read handwritten digits.</source>
        <translation>Lernt, handgeschriebene Ziffern zu lesen.</translation>
    </message>
    <message>
        <source>On another computer, after installing Hivelet</source>
        <translation>Auf einem anderen Computer, nachdem Hivelet installiert ist</translation>
    </message>
    <message>
        <source>A second engine on this computer</source>
        <translation>Eine zweite Engine auf diesem Computer</translation>
    </message>
    <message>
        <source>{rate} samples/s</source>
        <translation>{rate} Beispiele/s</translation>
    </message>
    <message>
        <source>{alive} of {total} experts are alive in the swarm</source>
        <translation>{alive} von {total} Experten leben im Schwarm</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>Schritt</translation>
    </message>
    <message>
        <source>Loss</source>
        <translation>Verlust</translation>
    </message>
    <message>
        <source>newest batches</source>
        <translation>neueste Stapel</translation>
    </message>
    <message>
        <source>Metric</source>
        <translation>Maß</translation>
    </message>
    <message>
        <source>on held-out data</source>
        <translation>auf zurückgehaltenen Daten</translation>
    </message>
    <message>
        <source>not measured yet</source>
        <translation>noch nicht gemessen</translation>
    </message>
    <message>
        <source>Trainers</source>
        <translation>Trainer</translation>
    </message>
    <message>
        <source>training together</source>
        <translation>trainieren gemeinsam</translation>
    </message>
    <message>
        <source>No project yet</source>
        <translation>Noch kein Projekt</translation>
    </message>
    <message>
        <source>The engine joins its project while it starts. Another one can be joined above.</source>
        <translation>Die Engine tritt ihrem Projekt beim Start bei. Einem anderen kann oben beigetreten werden.</translation>
    </message>
    <message>
        <source>Not measured yet: the first evaluation follows after some training.</source>
        <translation>Noch nicht gemessen: Die erste Auswertung folgt nach etwas Training.</translation>
    </message>
    <message>
        <source>{value} on held-out data.</source>
        <translation>{value} auf zurückgehaltenen Daten.</translation>
    </message>
    <message>
        <source>guessing from byte frequencies</source>
        <translation>Raten nach Byte-Häufigkeit</translation>
    </message>
    <message>
        <source>always guessing the same</source>
        <translation>immer dasselbe zu raten</translation>
    </message>
    <message>
        <source>{value} on held-out data; {trivial} still does as well ({base}).</source>
        <translation>{value} auf zurückgehaltenen Daten; {trivial} ist noch ebenso gut ({base}).</translation>
    </message>
    <message>
        <source>{value} on held-out data, {gain} less than {trivial} ({base}).</source>
        <translation>{value} auf zurückgehaltenen Daten, {gain} weniger als {trivial} ({base}).</translation>
    </message>
    <message>
        <source>{value} on held-out data; {trivial} gets {base}.</source>
        <translation>{value} auf zurückgehaltenen Daten; {trivial} erreicht {base}.</translation>
    </message>
    <message>
        <source>{value} % correct</source>
        <translation>{value} % richtig</translation>
    </message>
    <message>
        <source>This engine has not asked another peer&apos;s expert yet.</source>
        <translation>Diese Engine hat noch keinen Experten eines anderen Peers gefragt.</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>{calls} calls to experts of other peers; {failed} failed; {lost} samples went on without an expert.</source>
        <translation>{calls} Aufrufe an Experten anderer Peers; {failed} misslangen; {lost} Beispiele gingen ohne Experten weiter.</translation>
    </message>
    <message>
        <source>{calls} calls to experts of other peers; {failed} failed.</source>
        <translation>{calls} Aufrufe an Experten anderer Peers; {failed} misslangen.</translation>
    </message>
</context>
<context>
    <name>ProjectList</name>
    <message>
        <source>Projects on this computer</source>
        <translation>Projekte auf diesem Computer</translation>
    </message>
    <message>
        <source>About…</source>
        <translation>Über …</translation>
    </message>
    <message>
        <source>About {title}</source>
        <translation>Über {title}</translation>
    </message>
    <message>
        <source>Leave</source>
        <translation>Verlassen</translation>
    </message>
    <message>
        <source>Leave {title}</source>
        <translation>{title} verlassen</translation>
    </message>
</context>
<context>
    <name>ProjectsPage</name>
    <message>
        <source>Projects</source>
        <translation>Projekte</translation>
    </message>
    <message>
        <source>Experts alive</source>
        <translation>Lebende Experten</translation>
    </message>
    <message>
        <source>The model</source>
        <translation>Das Modell</translation>
    </message>
    <message>
        <source>Project id</source>
        <translation>Projekt-ID</translation>
    </message>
    <message>
        <source>Command to join</source>
        <translation>Befehl zum Beitreten</translation>
    </message>
    <message>
        <source>Command for a second engine</source>
        <translation>Befehl für eine zweite Engine</translation>
    </message>
    <message>
        <source>The model learns</source>
        <translation>Das Modell lernt</translation>
    </message>
    <message>
        <source>Join from elsewhere</source>
        <translation>Von anderswo beitreten</translation>
    </message>
    <message>
        <source>Nobody needs an account: one address leads a new peer to all the others.</source>
        <translation>Niemand braucht ein Konto: Eine Adresse führt einen neuen Peer zu allen anderen.</translation>
    </message>
</context>
<context>
    <name>Quit</name>
    <message>
        <source>Completes the work under way and saves it. Takes a few seconds.</source>
        <translation>Schließt die laufende Arbeit ab und sichert sie. Dauert einige Sekunden.</translation>
    </message>
    <message>
        <source>Saves the experts and stops at once; the batch under way is dropped.</source>
        <translation>Sichert die Experten und hört sofort auf; der laufende Stapel entfällt.</translation>
    </message>
    <message>
        <source>Only the window goes. Starting Hivelet again brings it back.</source>
        <translation>Nur das Fenster geht. Ein neuer Start von Hivelet holt es zurück.</translation>
    </message>
    <message>
        <source>A small one with state and pause, instead of the tray icon.</source>
        <translation>Ein kleines mit Zustand und Pause, statt des Symbols im Infobereich.</translation>
    </message>
    <message>
        <source>Finish, then stop</source>
        <translation>Abschließen, dann aufhören</translation>
    </message>
    <message>
        <source>Stop now</source>
        <translation>Jetzt aufhören</translation>
    </message>
    <message>
        <source>Leave it working</source>
        <translation>Weiterarbeiten lassen</translation>
    </message>
    <message>
        <source>Keep a mini window</source>
        <translation>Minifenster behalten</translation>
    </message>
    <message>
        <source>Quit Hivelet</source>
        <translation>Hivelet beenden</translation>
    </message>
    <message>
        <source>The engine works on without its window if you like.</source>
        <translation>Die Engine arbeitet ohne ihr Fenster weiter, wenn Sie mögen.</translation>
    </message>
    <message>
        <source>What shall the engine do?</source>
        <translation>Was soll die Engine tun?</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>Reasons</name>
    <message>
        <source>Change…</source>
        <translation>Ändern …</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>{reason}, until {time}</source>
        <translation>{reason}, bis {time}</translation>
    </message>
</context>
<context>
    <name>Simulation</name>
    <message>
        <source>Counting…</source>
        <translation>Wird gezählt …</translation>
    </message>
    <message>
        <source>As set now</source>
        <translation>Wie jetzt</translation>
    </message>
    <message>
        <source>The engine&apos;s answer cannot be read.</source>
        <translation>Die Antwort der Engine ist nicht lesbar.</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>At work</source>
        <translation>Bei der Arbeit</translation>
    </message>
    <message>
        <source>Mean level</source>
        <translation>Mittlere Stufe</translation>
    </message>
    <message>
        <source>Given</source>
        <translation>Gegeben</translation>
    </message>
    <message>
        <source>Electricity</source>
        <translation>Strom</translation>
    </message>
    <message>
        <source>{hours} h</source>
        <translation>{hours} h</translation>
    </message>
    <message>
        <source>Nothing was recorded yet. Ask again when Hivelet has run for a while.</source>
        <translation>Noch wurde nichts aufgezeichnet. Fragen Sie wieder, wenn Hivelet eine Weile lief.</translation>
    </message>
    <message>
        <source>From {hours} h of what was recorded on this computer.</source>
        <translation>Aus {hours} h, die auf diesem Computer aufgezeichnet wurden.</translation>
    </message>
    <message>
        <source>{cause} {hours} h</source>
        <translation>{cause} {hours} h</translation>
    </message>
    <message>
        <source>held: {causes}</source>
        <translation>angehalten: {causes}</translation>
    </message>
    <message>
        <source>Look back</source>
        <translation>Zurückblicken</translation>
    </message>
    <message>
        <source>What would these settings have done in the last 7 days?</source>
        <translation>Was hätten diese Einstellungen in den letzten 7 Tagen getan?</translation>
    </message>
    <message>
        <source>Answered from what this computer recorded, by the rules that hold now.</source>
        <translation>Beantwortet aus dem, was dieser Computer aufzeichnete, nach den Regeln von jetzt.</translation>
    </message>
</context>
<context>
    <name>Swarm</name>
    <message>
        <source>{peers}, of which {fresh} answered within the last minute</source>
        <translation>{peers}, davon antworteten {fresh} in der letzten Minute</translation>
    </message>
    <message>
        <source>{sent} sent, {received} received</source>
        <translation>{sent} gesendet, {received} empfangen</translation>
    </message>
</context>
<context>
    <name>SwarmView</name>
    <message>
        <source>The swarm: {summary}</source>
        <translation>Der Schwarm: {summary}</translation>
    </message>
</context>
<context>
    <name>Title</name>
    <message>
        <source>Engine stopped</source>
        <translation>Engine beendet</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Beendet</translation>
    </message>
    <message>
        <source>No engine</source>
        <translation>Keine Engine</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>On hold</source>
        <translation>Arbeit ruht</translation>
    </message>
    <message>
        <source>Error</source>
        <translation>Fehler</translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>This desktop shows no tray icons. A mini window can stand in for one.</source>
        <translation>Diese Arbeitsfläche zeigt keine Symbole im Infobereich. Ein Minifenster kann sie ersetzen.</translation>
    </message>
    <message>
        <source>Show it</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Its icon stays here: click it to open the window again.</source>
        <translation>Sein Symbol bleibt hier: Ein Klick darauf öffnet das Fenster wieder.</translation>
    </message>
    <message>
        <source>Hivelet works on</source>
        <translation>Hivelet arbeitet weiter</translation>
    </message>
    <message>
        <source>&amp;Open Hivelet</source>
        <translation>Hivelet ö&amp;ffnen</translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation>&amp;Pause</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>Fo&amp;rtsetzen</translation>
    </message>
    <message>
        <source>&amp;Budget</source>
        <translation>&amp;Budget</translation>
    </message>
    <message>
        <source>&amp;Quit…</source>
        <translation>Beenden (&amp;Q) …</translation>
    </message>
    <message>
        <source>working, {rate} samples/s at {share}, no other peer yet</source>
        <translation>arbeitet, {rate} Beispiele/s bei {share}, noch kein anderer Peer</translation>
    </message>
    <message>
        <source>working, {rate} samples/s at {share}</source>
        <translation>arbeitet, {rate} Beispiele/s bei {share}</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>paused until {time}, {left} left</source>
        <translation>Pause bis {time}, noch {left}</translation>
    </message>
    <message>
        <source>holding work: {why}</source>
        <translation>Arbeit ruht: {why}</translation>
    </message>
    <message>
        <source>holding work</source>
        <translation>Arbeit ruht</translation>
    </message>
    <message>
        <source>error: {what}</source>
        <translation>Fehler: {what}</translation>
    </message>
    <message>
        <source>finishing</source>
        <translation>schließt ab</translation>
    </message>
    <message>
        <source>stopping</source>
        <translation>hört auf</translation>
    </message>
    <message>
        <source>starting</source>
        <translation>startet</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
</context>
<context>
    <name>Trial</name>
    <message>
        <source>Asking the gate…</source>
        <translation>Das Gate wird gefragt …</translation>
    </message>
    <message>
        <source>The engine&apos;s answer cannot be read. Is it another version?</source>
        <translation>Die Antwort der Engine ist nicht lesbar. Ist sie von einer anderen Version?</translation>
    </message>
    <message>
        <source>{expert} here</source>
        <translation>{expert} hier</translation>
    </message>
    <message>
        <source>{expert} on peer {peer}</source>
        <translation>{expert} auf Peer {peer}</translation>
    </message>
    <message>
        <source>{expert} · here</source>
        <translation>{expert} · hier</translation>
    </message>
    <message>
        <source>No expert answered: the rest of the model wrote alone</source>
        <translation>Kein Experte antwortete: Der Rest des Modells schrieb allein</translation>
    </message>
    <message>
        <source>{letters} through {experts} on {computers}</source>
        <translation>{letters} durch {experts} auf {computers}</translation>
    </message>
    <message>
        <source>The engine is still loading its project. Then its model can be tried here.</source>
        <translation>Die Engine lädt noch ihr Projekt. Dann lässt sich sein Modell hier ausprobieren.</translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation>Noch kein Modell</translation>
    </message>
    <message>
        <source>The model of {project} writes no text, so there is nothing to ask it here.</source>
        <translation>Das Modell von {project} schreibt keinen Text, darum gibt es hier nichts zu fragen.</translation>
    </message>
    <message>
        <source>This model does not write</source>
        <translation>Dieses Modell schreibt nicht</translation>
    </message>
</context>
<context>
    <name>TrialPage</name>
    <message>
        <source>Try it</source>
        <translation>Ausprobieren</translation>
    </message>
    <message>
        <source>Begin a text, and the model goes on</source>
        <translation>Beginnen Sie einen Text, und das Modell fährt fort</translation>
    </message>
    <message>
        <source>Beginning of the text</source>
        <translation>Anfang des Textes</translation>
    </message>
    <message>
        <source>Letters to write</source>
        <translation>Zu schreibende Buchstaben</translation>
    </message>
    <message>
        <source>Write</source>
        <translation>Schreiben</translation>
    </message>
    <message>
        <source>What the model wrote</source>
        <translation>Was das Modell schrieb</translation>
    </message>
    <message>
        <source>The experts that the gate picks, and who served them.</source>
        <translation>Die Experten, die das Gate wählt, und wer sie bediente.</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Stopp</translation>
    </message>
    <message>
        <source>Experts</source>
        <translation>Experten</translation>
    </message>
    <message>
        <source>Point at a letter to see which experts made it, and where they live.</source>
        <translation>Zeigen Sie auf einen Buchstaben, um zu sehen, welche Experten ihn machten und wo sie leben.</translation>
    </message>
</context>
<context>
    <name>Trust</name>
    <message>
        <source>To peer</source>
        <translation>An Peer</translation>
    </message>
    <message>
        <source>For project</source>
        <translation>Für Projekt</translation>
    </message>
    <message>
        <source>What</source>
        <translation>Was</translation>
    </message>
    <message>
        <source>Tensors</source>
        <translation>Tensoren</translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation>Bytes</translation>
    </message>
    <message>
        <source>Month</source>
        <translation>Monat</translation>
    </message>
    <message>
        <source>Last</source>
        <translation>Zuletzt</translation>
    </message>
    <message>
        <source>Peer</source>
        <translation>Peer</translation>
    </message>
    <message>
        <source>Broke this rule</source>
        <translation>Brach diese Regel</translation>
    </message>
    <message>
        <source>Strikes</source>
        <translation>Verstöße</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>Bis</translation>
    </message>
    <message>
        <source>over</source>
        <translation>vorbei</translation>
    </message>
    <message>
        <source>not served</source>
        <translation>nicht bedient</translation>
    </message>
    <message>
        <source>The engine&apos;s answer cannot be read. Is it another version?</source>
        <translation>Die Antwort der Engine ist nicht lesbar. Ist sie von einer anderen Version?</translation>
    </message>
    <message>
        <source>Not to be read</source>
        <translation>Nicht lesbar</translation>
    </message>
    <message>
        <source>One moment</source>
        <translation>Einen Moment</translation>
    </message>
    <message>
        <source>Asking the engine what left…</source>
        <translation>Die Engine wird gefragt, was hinausging …</translation>
    </message>
    <message>
        <source>Nothing has left yet</source>
        <translation>Noch ging nichts hinaus</translation>
    </message>
    <message>
        <source>What this computer sends to others appears here: to whom, what, and how much.</source>
        <translation>Was dieser Computer an andere sendet, erscheint hier: an wen, was und wie viel.</translation>
    </message>
    <message>
        <source>further peers</source>
        <translation>weitere Peers</translation>
    </message>
    <message>
        <source>nothing so far</source>
        <translation>bisher nichts</translation>
    </message>
    <message>
        <source>Left this computer</source>
        <translation>Ging hinaus</translation>
    </message>
    <message>
        <source>Peers</source>
        <translation>Peers</translation>
    </message>
    <message>
        <source>received some</source>
        <translation>empfingen etwas</translation>
    </message>
    <message>
        <source>Projects</source>
        <translation>Projekte</translation>
    </message>
    <message>
        <source>it was for</source>
        <translation>dafür war es</translation>
    </message>
    <message>
        <source>Nothing leaves this computer but tensors, expert state and signed records of the directory. No file is read outside Hivelet&apos;s own folders and the data folders that you chose.</source>
        <translation>Diesen Computer verlassen nur Tensoren, Zustände von Experten und signierte Einträge des Verzeichnisses. Außerhalb der Ordner von Hivelet und der Datenordner, die Sie wählten, wird keine Datei gelesen.</translation>
    </message>
    <message>
        <source>No call of another peer has broken a rule.</source>
        <translation>Kein Aufruf eines anderen Peers hat eine Regel gebrochen.</translation>
    </message>
    <message>
        <source>{strikes} of other peers broke a rule; {bans} not served for a while.</source>
        <translation>{strikes} anderer Peers brachen eine Regel; {bans} eine Zeit lang nicht bedient.</translation>
    </message>
    <message>
        <source>No answer of another peer has been computed a second time yet.</source>
        <translation>Noch wurde keine Antwort eines anderen Peers nachgerechnet.</translation>
    </message>
    <message>
        <source>{checked} of other peers were computed a second time; {wrong} wrong.</source>
        <translation>{checked} anderer Peers wurden nachgerechnet; {wrong} falsch.</translation>
    </message>
    <message>
        <source>none was</source>
        <translation>keine war</translation>
    </message>
</context>
<context>
    <name>TrustPage</name>
    <message>
        <source>Trust</source>
        <translation>Vertrauen</translation>
    </message>
    <message>
        <source>What left this computer</source>
        <translation>Was diesen Computer verließ</translation>
    </message>
    <message>
        <source>Peers that are not served</source>
        <translation>Peers, die nicht bedient werden</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>Gesendet</translation>
    </message>
    <message>
        <source>Rules broken</source>
        <translation>Gebrochene Regeln</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabelle</translation>
    </message>
    <message>
        <source>Everybody is served</source>
        <translation>Jeder wird bedient</translation>
    </message>
    <message>
        <source>A peer whose calls break the rules again and again is not served for a while, and listed here.</source>
        <translation>Ein Peer, dessen Aufrufe immer wieder Regeln brechen, wird eine Zeit lang nicht bedient und hier aufgeführt.</translation>
    </message>
</context>
<context>
    <name>Update</name>
    <message>
        <source>Hivelet {version} of {date} is there</source>
        <translation>Hivelet {version} vom {date} ist da</translation>
    </message>
    <message>
        <source>This project needs a newer Hivelet: {version} of {date} is there</source>
        <translation>Dieses Projekt braucht ein neueres Hivelet: {version} vom {date} ist da</translation>
    </message>
</context>
<context>
    <name>UpdateNotice</name>
    <message>
        <source>Open the page</source>
        <translation>Seite öffnen</translation>
    </message>
    <message>
        <source>Opens the address beside in your browser. Hivelet itself downloads nothing.</source>
        <translation>Öffnet die Adresse daneben im Browser. Hivelet selbst lädt nichts herunter.</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>Nicht jetzt</translation>
    </message>
</context>
<context>
    <name>Week</name>
    <message>
        <source>Paint with</source>
        <translation>Malen mit</translation>
    </message>
    <message>
        <source>paint with</source>
        <translation>malen mit</translation>
    </message>
    <message>
        <source>Levels for every hour of the week</source>
        <translation>Stufen für jede Stunde der Woche</translation>
    </message>
    <message>
        <source>{day} {hour}:00: {percent} %</source>
        <translation>{day} {hour}:00: {percent} %</translation>
    </message>
</context>
</TS>
