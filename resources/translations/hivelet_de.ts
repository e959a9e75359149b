<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>Activity</name>
    <message>
        <source>The engine&apos;s answer cannot be read. Is it another version?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} could not be written: {reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Written to {file}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not to be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One moment</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asking the engine what it recorded…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Day</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Week</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Month</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Samples</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>GFLOP·h</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Electricity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Traffic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{figure} a second</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{figure} GFLOP/s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>of {time} running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>estimated: {figure} W</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Samples served</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Contributed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>At work</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing was recorded in this time yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>loss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model&apos;s progress appears here when it was measured twice.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>samples</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>five minutes a bar</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>an hour a bar</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>six hours a bar</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a day a bar</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ActivityPage</name>
    <message>
        <source>Activity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time shown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the bars show</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export CSV…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing held work in this time.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export activity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tables (*.csv)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model learns</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What held work</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Dismiss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restart it now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{problem} Starting it again…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{problem} It was started again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{problem} It was started again ({times} times in a row).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What happened…</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Causes</name>
    <message>
        <source>on battery</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>battery low</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>too hot</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>little memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>little disk space</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>metered network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>traffic used up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>in use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>fullscreen program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>listed program</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>other programs busy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>paused by you</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>mode is paused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>budget of 0 %</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Contribution</name>
    <message>
        <source>Today</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>7 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Samples served</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Contributed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time given</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Electricity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>estimated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>estimated: {figure} GFLOP·h per kWh</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>since Hivelet was installed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{value} in 7 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{value} in all</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Core</name>
    <message>
        <source>Computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>While you use it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Guards</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>System</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>what the engine may use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>consideration; the mode always goes without</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>they hold in every mode</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>what may travel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>beside computing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>this window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Gentle</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Balanced</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whether somebody uses the computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whether a program fills the screen</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whether the network is metered</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Temperature of the processor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What other programs take of the processor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which of the listed programs run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mode</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>auto follows every rule, always only the guards.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Auto</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Always</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Processor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How much of all cores together the engine may use. It keeps to this by pausing between batches.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Processor while in use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same while you use the computer. 0: compute only when nobody uses it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Threads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On how many cores one computation may run at once. 0 lets Hivelet choose.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>automatic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Main memory that the hosted experts may take.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Disk</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Room on the disk that saved experts may take; fewer are hosted when it is too small for more.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Graphics card</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compute on a graphics card with CUDA when there is one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Graphics card&apos;s time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How much of the time hosted experts may keep each graphics card busy. It rests between batches.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Time of single cards</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same for single graphics cards, for example `cuda:0=50, cuda:1=100`.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>as above</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Graphics memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How much of each graphics card&apos;s memory the hosted experts may take.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Experts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many experts to host at most. 0: as many as fit.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Train</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run training batches too. Without it, this computer only hosts experts for others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Idle after</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The computer counts as in use until keyboard and mouse have rested for so long.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ramp</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How long it takes from the level in use to the full one; your first key press brings it back at once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>at once</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wait for fullscreen programs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compute nothing while a game, a film or a presentation fills the screen.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wait for programs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compute nothing while one of these programs runs, for example `blender, steam`.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wait for busy programs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compute nothing while other programs use more of the processor than this. 0: never wait for them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>never</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Schedule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How much of the allowed share may be used in each hour of the week.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>always all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run on battery</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep working while the computer is unplugged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lowest charge</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unplugged and below this charge, work is held until the battery is charged again. 0: at any charge.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>any charge</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Charged again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The charge at which a battery that was too low counts as charged again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Temperature to keep</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Above this temperature of the processor the engine slows down until it is kept. 0: never.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Highest temperature</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>At this temperature work is held until the processor is 8 °C cooler. 0: never.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory to leave free</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Work is held while less main memory than this is free for other programs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Disk to leave free</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Work is held while less than this is free on the disk that Hivelet writes to.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Run on metered networks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep working while the network is one that is paid by volume, such as a telephone&apos;s.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Traffic in a month</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Work is held when so much was sent and received since the first of the month. 0: no limit.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no limit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Upload</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The most that is sent to other peers in a second. 0: no limit.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Download</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The most that is received from other peers in a second. 0: no limit.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nearby computers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Say in the home&apos;s network that Hivelet runs here, under a random name, and listen for others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open ports</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ask the router (UPnP, NAT-PMP) to let others reach this computer. It closes the ports when Hivelet ends.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Help others to be reached</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pass on sealed data, a little at a time, between peers that cannot reach each other. Nobody can read it here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep awake</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep the computer from falling asleep while it is plugged in and works.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start at login</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start Hivelet when you log in to this computer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Power of the processor</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the processor draws at full load, for the estimate of electricity. 0: guessed from its cores.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>guessed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start in the tray</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Do not open the window at start; the tray icon opens it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quiet hours</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show no notifications at this time of the day.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light, dark, or as the system is.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Language</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The language of the window. It opens anew when you change this.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>English</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Deutsch</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Crash</name>
    <message>
        <source>What happened to the engine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine&apos;s last words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start it again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Experts are saved as they learn. If it happens again, send this to the organiser.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Detectors</name>
    <message>
        <source>works here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>cannot tell here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take your hands off mouse and keyboard: the seconds must count up.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Let a film or a game fill the screen for a moment.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mark the network as metered in the system&apos;s settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It must look like what other programs show.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start something demanding: the share must rise.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>List a program under “Wait for programs”, and start it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Test</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the rules above rest on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What this computer can sense</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reads every detector for some seconds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Testing…</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Engine</name>
    <message>
        <source>Looking for the engine…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No engine answers in this folder. It may have ended.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine is busy and does not answer at the moment.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine is stopped; nothing is computed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine stopped unexpectedly.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine cannot be started.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine takes unusually long to start. The log tells what it does.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting the engine…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine&apos;s process is gone</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine was ended by {signal}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine ended with exit code {code}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting it again in {time}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>signal {number}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Experts</name>
    <message>
        <source>Expert</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Samples/s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Today</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Samples served since midnight</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Since start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Samples served since the engine started</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Step</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Optimizer steps since the expert was born</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Latency</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mean, inside this host</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Device</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ExpertsPage</name>
    <message>
        <source>Experts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Experts on this computer</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>First</name>
    <message>
        <source>Lends a share of this computer to train neural networks together with other volunteers.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Small networks, called experts, live here and answer the computers of others.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It steps aside while you work, and pauses within a second when you say so.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What leaves this computer is listed on the page Trust.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It reads none of your files: only its own folder.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It mines no coins, shows no advertisements and needs no account.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>It runs no programs from the network: only numbers are exchanged, and they are checked.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You will hardly notice it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uses what you leave over.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For a computer that has nothing else to do.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measuring this computer…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>up to {work} GFLOP·h a day, measured at {speed} GFLOP/s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{away} % of the processor when you are away, {used} % while you use it, {memory} of memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Welcome to Hivelet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Join link</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start with the built-in project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Join the project of an invitation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Skip, with gentle settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{n} of {all}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What it does</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What it does not</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How much may it use?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All of it can be changed at any time.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A small language model that learns from a text; a good way to see how it works.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paste the link of an organiser. Files can be joined on the page Projects.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What shall it work on first?</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>JoinBar</name>
    <message>
        <source>Join a project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look at it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a file…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>hivelet://join?…   paste a link, or drop a project file anywhere here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Link or project file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Project file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Project files (*.toml)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Joining</name>
    <message>
        <source>The engine&apos;s answer cannot be read. Is it another version?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Joined {project}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Left {project}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine follows when it is started again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>at work now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>joined</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>comes with Hivelet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nobody named</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{publisher}, signed with key {key}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{publisher}, comes with Hivelet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{publisher}, not signed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Publisher</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Licence</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none stated</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Data and purpose</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not described</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{experts}, {numbers} numbers; one takes {memory}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Known peers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Project id</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none yet; this computer looks for the swarm by itself</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Links</name>
    <message>
        <source>This link is too long to be one of Hivelet&apos;s; nothing was opened.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“{link}” is no link to a project; those begin with {start}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Log</name>
    <message>
        <source>Time</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Level</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Part</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{file} could not be written: {reason}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Written to {file}. Read it before you pass it on.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LogPage</name>
    <message>
        <source>Log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Log lines</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Info</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Warnings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Errors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Least important level</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search the log</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Follow the newest line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copies the lines that are shown.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Diagnostics ▾</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save diagnostics</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Follow</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing logged yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the engine does appears here, line by line.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No line passes the filter above.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show all lines</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save without keys, home folder and addresses…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save with the addresses of peers…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text (*.txt)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Network</name>
    <message>
        <source>no other peer yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{peers} · {experts} on them</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{sent} sent · {received} received</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{size} passed on for others, encrypted end to end</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not known yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No other peer yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This computer works alone meanwhile. Give its address to a second one, and the two find each other.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the address</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine is opening its connection. Peers appear here when they are found.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>we called</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>called us</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NetworkPage</name>
    <message>
        <source>Network</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Address of this computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Peer id of this computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Peers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The farther out, the longer its answers take. Hollow: silent for a minute.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reachability</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Address</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Peer id</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Since the start</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This month</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Notice</name>
    <message>
        <source>Hivelet&apos;s engine stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hivelet needs your attention</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Click to pause again or to see what it does.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The pause is over</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Numbers</name>
    <message>
        <source>,.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>never</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>just now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{time} ago</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>tomorrow {time}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mon Tue Wed Thu Fri Sat Sun</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{day} {month}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>OfferCard</name>
    <message>
        <source>Not now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Work on it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Join</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This project is at work already.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine takes it up when it is started again. Experts of other projects stay saved.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About {title}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Overview</name>
    <message>
        <source>Resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause ▾</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One moment</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starting up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No engine here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading what the engine does…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not running</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start the engine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Helping since {time}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused until {time}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Working alone for now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Holding work</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finishing, then stopping</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Something needs your attention</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopping</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training {project} with {peers}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training {project}; looking for other peers meanwhile.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine runs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your {experts} served {samples} today; the model {improved}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your {experts} served {samples} today.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>improved from {first} % to {now} % correct</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>improved from {first} to {now} {metric}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>paused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>on hold</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>of this computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>processor {share}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>memory {size}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>OverviewPage</name>
    <message>
        <source>Overview</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finish and stop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Completes the work under way, saves it, then stops the engine.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Budget: share of this computer that Hivelet may use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Samples served</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Samples in total</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Samples per second</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Budget</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What was given</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What you gave</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Total</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the chart shows</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model learns</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Pauses</name>
    <message>
        <source>For 15 minutes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For 1 hour</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Until tomorrow morning</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Until I resume</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Peers</name>
    <message>
        <source>Peer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Address</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Link</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Experts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Latency</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Received</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last seen</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Preferences</name>
    <message>
        <source>The file&apos;s preferences are in force.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be written ({error}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exported to {path}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} cannot be read ({error}).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{path} is no file of preferences.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changes apply at once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>They can be changed while the engine runs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nothing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preferences</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search preferences</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No preference has these words.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export preferences</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import preferences</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ProjectList</name>
    <message>
        <source>Projects on this computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About {title}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave {title}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ProjectsPage</name>
    <message>
        <source>Projects</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Experts alive</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Project id</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Command to join</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Command for a second engine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model learns</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Join from elsewhere</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nobody needs an account: one address leads a new peer to all the others.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Quit</name>
    <message>
        <source>Completes the work under way and saves it. Takes a few seconds.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saves the experts and stops at once; the batch under way is dropped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only the window goes. Starting Hivelet again brings it back.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A small one with state and pause, instead of the tray icon.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finish, then stop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leave it working</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep a mini window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quit Hivelet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine works on without its window if you like.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What shall the engine do?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Reasons</name>
    <message>
        <source>Change…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{reason}, until {time}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Simulation</name>
    <message>
        <source>Counting…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As set now</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine&apos;s answer cannot be read.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>At work</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Mean level</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Given</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Electricity</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{hours} h</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing was recorded yet. Ask again when Hivelet has run for a while.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From {hours} h of what was recorded on this computer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{cause} {hours} h</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>held: {causes}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What would these settings have done in the last 7 days?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answered from what this computer recorded, by the rules that hold now.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Swarm</name>
    <message>
        <source>{peers}, of which {fresh} answered within the last minute</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{id} · {experts} · {latency} · {link} · {sent} sent, {received} received · {seen}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SwarmView</name>
    <message>
        <source>The swarm: {summary}</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Title</name>
    <message>
        <source>Engine stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No engine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On hold</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Error</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Tray</name>
    <message>
        <source>This desktop shows no tray icons. A mini window can stand in for one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Its icon stays here: click it to open the window again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hivelet works on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Open Hivelet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Budget</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>&amp;Quit…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>working, {rate} samples/s at {share}, no other peer yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>working, {rate} samples/s at {share}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>paused</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>paused until {time}, {left} left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>holding work: {why}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>holding work</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>error: {what}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>finishing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>stopping</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>starting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pause</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Resume</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Trial</name>
    <message>
        <source>Asking the gate…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine&apos;s answer cannot be read. Is it another version?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{expert} here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{expert} on peer {peer}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{expert} · here</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{letters} through {experts} on {computers}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine is still loading its project. Then its model can be tried here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model of {project} writes no text, so there is nothing to ask it here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This model does not write</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TrialPage</name>
    <message>
        <source>Try it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Begin a text, and the model goes on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Beginning of the text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Letters to write</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Write</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the model wrote</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The experts that the gate picks, and who served them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Experts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Point at a letter to see which experts made it, and where they live.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Trust</name>
    <message>
        <source>To peer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For project</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tensors</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Month</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Last</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Peer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Broke this rule</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Strikes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Until</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>over</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not served</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The engine&apos;s answer cannot be read. Is it another version?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not to be read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One moment</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asking the engine what left…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing has left yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What this computer sends to others appears here: to whom, what, and how much.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>further peers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>nothing so far</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Left this computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Peers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>received some</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Projects</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>it was for</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing leaves this computer but tensors, expert state and signed records of the directory. No file is read outside Hivelet&apos;s own folders and the data folders that you chose.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No call of another peer has broken a rule.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{strikes} of other peers broke a rule; {bans} not served for a while.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No answer of another peer has been computed a second time yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{checked} of other peers were computed a second time; {wrong} wrong.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>none was</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TrustPage</name>
    <message>
        <source>Trust</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What left this computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Peers that are not served</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rules broken</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Table</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everybody is served</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A peer whose calls break the rules again and again is not served for a while, and listed here.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Week</name>
    <message>
        <source>Paint with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>paint with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Levels for every hour of the week</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{day} {hour}:00: {percent} %</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
