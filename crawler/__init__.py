"""From a site's pages to Articles."""
