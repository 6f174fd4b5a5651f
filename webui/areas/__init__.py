"""The areas of the pages, one blueprint each; `webui.app` puts them together."""
