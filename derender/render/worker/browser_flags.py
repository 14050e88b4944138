"""How Chromium is told to be quiet, deterministic and cheap."""

FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    # A window costs a process, and other pages the time it takes to start.
    "--block-new-web-contents",
    # One tile for a whole screen: fewer, larger pieces are cheaper to draw in software.
    "--default-tile-width=1280",
    "--default-tile-height=1024",
    "--disable-extensions",
    "--disable-component-update",
    "--disable-component-extensions-with-background-pages",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-hang-monitor",
    "--disable-prompt-on-repost",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--disable-background-timer-throttling",
    "--disable-field-trial-config",
    "--disable-lcd-text",
    # Of an animated image the first frame: which one it has come to is a matter of the moment.
    "--blink-settings=imageAnimationPolicy=2",
    # Drawing a part anew leaves other edges than drawing the whole, and which parts are is a matter of the moment.
    "--disable-partial-raster",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--hide-scrollbars",
    "--lang=en-US",
    "--mute-audio",
    "--metrics-recording-only",
    "--no-pings",
    "--no-service-autorun",
    "--password-store=basic",
    "--use-mock-keychain",
    # A page that asks for a camera gets none; no process is started to look for one.
    "--enable-features=RunVideoCaptureServiceInBrowserProcess",
    "--disable-features="
    + ",".join(
        (
            "BackForwardCache",
            "SpareRendererForSitePerProcess",
            "Translate",
            "MediaRouter",
            "OptimizationHints",
            "PaintHolding",
            "WebRtcHideLocalIpsWithMdns",
            "AcceptCHFrame",
            "LazyFrameLoading",
            "InterestFeedContentSuggestions",
            "Prerender2",
            "BackgroundResourceFetch",
            "AudioServiceOutOfProcess",
        )
    ),
)
