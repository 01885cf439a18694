"""The pages of the desk, a module a subject; each names its routes in `PAGES` and its forms in `FORMS`."""
